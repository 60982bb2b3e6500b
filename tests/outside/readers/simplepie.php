<?php
// Print what SimplePie (PHP) reads in feed files: simplepie.php FILE…
//
// Its cleaning of HTML is on, as WordPress has it. Of an RSS item it does not expose
// atom:updated.
error_reporting(E_ALL & ~E_DEPRECATED);
require_once 'simplepie/autoloader.php';

// Debian's SimplePie 1.5.8 calls this for items without a file, too, and PHP's own fails on an
// empty host: php -d disable_functions=idn_to_utf8.
function idn_to_utf8(string $host): string
{
    return $host;
}

function enclosure(SimplePie_Item $item): ?array
{
    // Pictures of Media RSS are on the list, too, and an empty one where there is none.
    foreach ($item->get_enclosures() ?? [] as $found) {
        if ($found->get_length() !== null) {
            // SimplePie 1.5 ends every such address with an empty query and fragment.
            $url = preg_replace('/\?#$/', '', html_entity_decode($found->get_link()));
            return ['url' => $url, 'length' => (string) $found->get_length(), 'type' => $found->get_type()];
        }
    }
    return null;
}

function item(SimplePie_Item $item, bool $atom): array
{
    $label = fn ($category) => html_entity_decode($category->get_label());
    $values = [
        'id' => html_entity_decode($item->get_id()),
        'title' => html_entity_decode($item->get_title(), ENT_QUOTES | ENT_HTML5),
        'link' => html_entity_decode($item->get_permalink()),
        'published' => $item->get_gmdate('Y-m-d\TH:i:s\Z'),
        'author' => html_entity_decode($item->get_author()->get_name()),
        'categories' => array_map($label, $item->get_categories() ?? []),
        'enclosure' => enclosure($item),
        'text' => $item->get_content(),
    ];
    return $atom ? $values + ['updated' => $item->get_updated_gmdate('Y-m-d\TH:i:s\Z')] : $values;
}

function items(string $file): array
{
    $feed = new SimplePie();
    $feed->enable_cache(false);
    $feed->enable_order_by_date(false);
    $feed->set_raw_data(file_get_contents($file));
    if (!$feed->init()) {
        throw new RuntimeException($feed->error());
    }
    $atom = (bool) ($feed->get_type() & SIMPLEPIE_TYPE_ATOM_ALL);
    return array_map(fn ($item) => item($item, $atom), $feed->get_items());
}

foreach (array_slice($argv, 1) as $file) {
    echo json_encode(items($file), JSON_THROW_ON_ERROR), "\n";
}
