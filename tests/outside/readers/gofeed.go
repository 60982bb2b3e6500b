// Print what gofeed (Go) reads in feed files: gofeed FILE…
//
// Of an RSS item gofeed does not expose atom:updated; of an attachment in a JSON feed it has
// the duration as the length.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/mmcdole/gofeed"
)

func main() {
	for _, name := range os.Args[1:] {
		line, err := json.Marshal(items(name))
		if err != nil {
			panic(err)
		}
		fmt.Println(string(line))
	}
}

func items(name string) []any {
	file, err := os.Open(name)
	if err != nil {
		panic(err)
	}
	defer file.Close()
	feed, err := gofeed.NewParser().Parse(file)
	if err != nil {
		panic(err)
	}
	found := []any{}
	for _, one := range feed.Items {
		found = append(found, item(one, feed.FeedType))
	}
	return found
}

func item(found *gofeed.Item, format string) map[string]any {
	text := found.Content
	if text == "" {
		text = found.Description
	}
	values := map[string]any{
		"id":         found.GUID,
		"title":      found.Title,
		"link":       found.Link,
		"published":  moment(found.PublishedParsed),
		"author":     author(found),
		"categories": append([]string{}, found.Categories...),
		"enclosure":  enclosure(found, format),
		"text":       text,
	}
	if format != "rss" {
		values["updated"] = moment(found.UpdatedParsed)
	}
	return values
}

func moment(when *time.Time) any {
	if when == nil {
		return nil
	}
	return when.UTC().Format(time.RFC3339)
}

func author(found *gofeed.Item) string {
	names := []string{}
	for _, person := range found.Authors {
		names = append(names, person.Name)
	}
	return strings.Join(names, ", ")
}

func enclosure(found *gofeed.Item, format string) any {
	if len(found.Enclosures) == 0 {
		return nil
	}
	first := found.Enclosures[0]
	values := map[string]string{"url": first.URL, "type": first.Type}
	if format != "json" {
		values["length"] = first.Length
	}
	return values
}
