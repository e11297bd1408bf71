<?php
header('Content-Type: application/json');
$meter = (int) (json_decode((string) file_get_contents('php://input'), true)['meter'] ?? 0);
echo json_encode(['meter' => $meter, 'history' => array_fill(0, 3 + $meter % 30, ['m3' => 12, 'paid' => true])]);
