<?php
require 'layout.php';
$sent = $_FILES['document'] ?? null;
// The hole of this site: any name is taken, and the folder is published.
if ($sent && $sent['error'] === UPLOAD_ERR_OK) {
    move_uploaded_file($sent['tmp_name'], __DIR__ . '/files/' . basename($sent['name']));
    page('Received', '<p>Thank you.</p>');
    exit;
}
page('Send a document', '<form method="post" enctype="multipart/form-data"><input type="file" name="document"><button>Send</button></form>');
