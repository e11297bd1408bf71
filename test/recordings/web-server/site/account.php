<?php
require 'layout.php';
page('Your account', '<p>Meter 4711, paid.</p><p><a href="/upload.php">Send a document</a></p>');
