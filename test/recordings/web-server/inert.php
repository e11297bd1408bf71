<?php
// Inert: it reads nothing of the request and prints the same line whatever it gets.
echo "uid=33(www-data) gid=33(www-data) groups=33(www-data)\n";
