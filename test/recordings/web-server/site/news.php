<?php
require 'layout.php';
$id = max(1, min(40, (int) ($_GET['id'] ?? 1)));
page("News $id", str_repeat("<p>Report number $id about pipes and pumps.</p>\n", 5 + $id % 9) . '<a href="/news.php?id=' . ($id + 1) . '">next</a>');
