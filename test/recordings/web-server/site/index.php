<?php
require 'layout.php';
page('Island water works', '<p>Water is clean today. <a href="/about.html">About us</a></p>' . str_repeat("<p>Notice of the day.</p>\n", 12));
