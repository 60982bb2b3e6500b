import com.rometools.rome.feed.synd.SyndCategory;
import com.rometools.rome.feed.synd.SyndContent;
import com.rometools.rome.feed.synd.SyndEnclosure;
import com.rometools.rome.feed.synd.SyndEntry;
import com.rometools.rome.io.SyndFeedInput;
import com.rometools.rome.io.XmlReader;
import java.io.File;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Date;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Prints what ROME (Java) reads in feed files: Rome.java FILE…
 *
 * <p>Of an RSS item ROME does not expose atom:updated.
 */
class Rome {
    public static void main(String[] args) throws Exception {
        var out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        for (var name : args) {
            out.println(items(new File(name)));
        }
    }

    static List<String> items(File file) throws Exception {
        var feed = new SyndFeedInput().build(new XmlReader(file));
        return feed.getEntries().stream()
                .map(entry -> "{" + String.join(", ", members(entry, feed.getFeedType())) + "}")
                .toList();
    }

    static List<String> members(SyndEntry entry, String format) {
        var categories = entry.getCategories().stream().map(SyndCategory::getName);
        var members = new java.util.ArrayList<>(List.of(
                member("id", quoted(entry.getUri())),
                member("title", quoted(entry.getTitle())),
                member("link", quoted(entry.getLink())),
                member("published", moment(entry.getPublishedDate())),
                member("author", quoted(entry.getAuthor())),
                member("categories", categories.map(Rome::quoted).toList().toString()),
                member("enclosure", enclosure(entry.getEnclosures())),
                member("text", quoted(text(entry)))));
        if (format.startsWith("atom")) {
            members.add(member("updated", moment(entry.getUpdatedDate())));
        }
        return members;
    }

    static String text(SyndEntry entry) {
        List<SyndContent> contents = entry.getContents();
        return (contents.isEmpty() ? entry.getDescription() : contents.get(0)).getValue();
    }

    static String enclosure(List<SyndEnclosure> enclosures) {
        if (enclosures.isEmpty()) {
            return "null";
        }
        var first = enclosures.get(0);
        return "{" + member("url", quoted(first.getUrl()))
                + ", " + member("length", quoted(Long.toString(first.getLength())))
                + ", " + member("type", quoted(first.getType())) + "}";
    }

    static String moment(Date when) {
        return when == null ? "null" : quoted(when.toInstant().toString());
    }

    static String member(String name, String value) {
        return quoted(name) + ": " + value;
    }

    static String quoted(String text) {
        return text == null ? "null" : text.chars()
                .mapToObj(c -> c < ' ' || c == '"' || c == '\\' || c > '~'
                        ? String.format("\\u%04x", c) : String.valueOf((char) c))
                .collect(Collectors.joining("", "\"", "\""));
    }
}
