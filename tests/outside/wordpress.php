<?php
// Publishes news in a WordPress of its own, and writes its export and its feed:
// `php wordpress.php WORDPRESS SOCKET NEWS.json FOLDER`.

[, $wordpress, $socket, $news, $folder] = $argv;
$_SERVER += ['HTTP_HOST' => 'www.example.org', 'REQUEST_METHOD' => 'GET', 'HTTPS' => 'on'];
$_SERVER['REQUEST_URI'] = '/feed/';
$_SERVER['SERVER_PROTOCOL'] = 'HTTP/1.1';
define('ABSPATH', rtrim($wordpress, '/') . '/');
define('DB_NAME', 'wordpress');
define('DB_USER', 'root');
define('DB_PASSWORD', '');
define('DB_HOST', "localhost:$socket");
define('DB_CHARSET', 'utf8mb4');
define('DB_COLLATE', '');
define('WP_CONTENT_DIR', "$folder/content");
define('WP_HOME', 'https://www.example.org');
define('WP_SITEURL', 'https://www.example.org');
define('WP_HTTP_BLOCK_EXTERNAL', true);
define('DISABLE_WP_CRON', true);
define('WP_INSTALLING', true);
foreach (['AUTH_KEY', 'SECURE_AUTH_KEY', 'LOGGED_IN_KEY', 'NONCE_KEY'] as $key) {
    define($key, 'only on this machine');
    define(str_replace('KEY', 'SALT', $key), 'only on this machine');
}
$table_prefix = 'wp_';
mkdir(WP_CONTENT_DIR . '/themes/plain', 0777, true);
file_put_contents(WP_CONTENT_DIR . '/themes/plain/style.css', "/*\nTheme Name: Plain\n*/\n");
file_put_contents(WP_CONTENT_DIR . '/themes/plain/index.php', '<?php ');
// No mail is sent.
function wp_mail() { return true; }

ob_start();
require ABSPATH . 'wp-settings.php';
require ABSPATH . 'wp-admin/includes/admin.php';
require ABSPATH . 'wp-admin/includes/upgrade.php';
wp_install('Example', 'ada', 'ada@example.org', true, '', 'only on this machine');
wp_delete_post(1, true);
wp_update_user(['ID' => 1, 'display_name' => 'Ada Example']);
update_option('timezone_string', 'Europe/Vienna');
update_option('permalink_structure', '/%year%/%monthnum%/%day%/%postname%/');
$GLOBALS['wp_rewrite']->init();

foreach (json_decode(file_get_contents($news), true) as $post) {
    $id = wp_insert_post(wp_slash([
        'post_title' => $post['title'],
        'post_content' => $post['text'],
        'post_status' => $post['status'],
        'post_date_gmt' => $post['moment'],
        'post_date' => get_date_from_gmt($post['moment']),
        'post_author' => 1,
    ]), true);
    wp_set_post_terms($id, array_map('wp_create_category', $post['topics']), 'category');
}
ob_end_clean();

ob_start();
require ABSPATH . 'wp-admin/includes/export.php';
export_wp(['content' => 'all']);
file_put_contents("$folder/export.xml", ob_get_clean());

ob_start();
query_posts(['feed' => 'rss2', 'post_type' => 'post', 'post_status' => 'publish']);
$GLOBALS['wp_query']->is_feed = true;
do_feed_rss2(false);
file_put_contents("$folder/feed.xml", ob_get_clean());
