<?php
require 'layout.php';
$rows = max(1, min(400, (int) ($_POST['rows'] ?? 5)));
page('Administration', '<form method="post"><input name="rows"><button>Show</button></form>' . str_repeat("<tr><td>customer</td><td>paid</td></tr>\n", $rows));
