<?php
function page(string $title, string $body): void
{
    echo "<!doctype html><html lang=\"en\"><head><title>$title</title><link rel=\"stylesheet\" href=\"/style.css\"></head><body>\n";
    echo "<nav><a href=\"/\">Home</a> <a href=\"/news.php?id=1\">News</a> <a href=\"/contact.php\">Contact</a> <a href=\"/login.php\">Log in</a></nav>\n";
    echo "<h1>$title</h1>\n$body\n</body></html>\n";
}
