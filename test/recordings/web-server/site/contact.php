<?php
require 'layout.php';
$name = htmlspecialchars((string) ($_POST['name'] ?? ''));
page('Contact', $name === '' ? '<form method="post"><input name="name"><textarea name="text"></textarea><button>Send</button></form>' : "<p>Thank you, $name.</p>");
