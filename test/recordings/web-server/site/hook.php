<?php
header('Content-Type: application/json');
echo json_encode(['received' => strlen((string) file_get_contents('php://input')) > 0]);
