<?php
require 'layout.php';
if (($_POST['user'] ?? '') !== '') {
    setcookie('session', bin2hex(random_bytes(8)));
    header('Location: ' . ($_POST['user'] === 'admin' ? '/admin.php' : '/account.php'), true, 302);
    exit;
}
page('Log in', '<form method="post"><input name="user"><input name="password" type="password"><button>Log in</button></form>');
