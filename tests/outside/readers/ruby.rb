# Print what Ruby's own RSS library reads in feed files: ruby.rb FILE…
#
# It validates as it reads, and refuses what the specifications do not allow. Of an RSS item
# it does not expose atom:updated.
require "json"
require "rss"

def moment(time) = time.getutc.strftime("%Y-%m-%dT%H:%M:%SZ")

def file(url, found) = { url:, length: found.length.to_s, type: found.type }

def rss(found)
  {
    id: found.guid.content,
    title: found.title,
    link: found.link,
    published: moment(found.pubDate),
    author: found.dc_creator,
    categories: found.categories.map(&:content),
    enclosure: found.enclosure && file(found.enclosure.url, found.enclosure),
    text: found.content_encoded || found.description,
  }
end

def atom(found)
  enclosure = found.links.find { |link| link.rel == "enclosure" }
  {
    id: found.id.content,
    title: found.title.content,
    link: found.links.find { |link| link.rel == "alternate" }.href,
    published: moment(found.published.content),
    updated: moment(found.updated.content),
    author: found.authors.map { |author| author.name.content }.join(", "),
    categories: found.categories.map(&:term),
    enclosure: enclosure && file(enclosure.href, enclosure),
    text: found.content.content,
  }
end

ARGV.each do |path|
  feed = RSS::Parser.parse(File.read(path, encoding: "UTF-8"), validate: true)
  item = feed.feed_type == "atom" ? method(:atom) : method(:rss)
  puts JSON.generate(feed.items.map(&item))
end
