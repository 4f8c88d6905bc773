#include "cli/yaml/stream.hpp"

#include <algorithm>

#include "cli/yaml/tree.hpp"
#include "core/json/document.hpp"

namespace errand::cli {
namespace {

constexpr std::string_view kMark = "\xef\xbb\xbf";
constexpr std::string_view kBlanks = " \t\r\n";

int breaksIn(std::string_view text) { return static_cast<int>(std::ranges::count(text, '\n')); }

// Returns the length of a line break of YAML 1.1 other than LF at the beginning of `rest`; 0 if
// there is none.
size_t otherBreak(std::string_view rest) {
  if (rest.starts_with("\r\n")) return 2;
  if (rest.starts_with('\r')) return 1;
  if (rest.starts_with("\xc2\x85")) return 2;
  return rest.starts_with("\xe2\x80\xa8") || rest.starts_with("\xe2\x80\xa9") ? 3 : 0;
}

std::string withPlainBreaks(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const size_t length = otherBreak(text);
    out += length > 0 ? '\n' : text.front();
    text.remove_prefix(std::max<size_t>(length, 1));
  }
  return out;
}

bool hasOtherBreaks(std::string_view text) {
  for (size_t at = text.find_first_of("\r\xc2\xe2"); at != std::string_view::npos;
       at = text.find_first_of("\r\xc2\xe2", at + 1))
    if (otherBreak(text.substr(at)) > 0 && !text.substr(at).starts_with("\r\n")) return true;
  return false;
}

// True if the text has only blanks, comments and directives.
bool isEmpty(std::string_view text) {
  for (size_t i = 0; i < text.size();) {
    const size_t content = text.find_first_not_of(kBlanks, i);
    if (content == std::string_view::npos) return true;
    if (text[content] != '#' && text[content] != '%') return false;
    i = std::min(text.find('\n', content), text.size());
  }
  return true;
}

// Returns the length of the JSON object or list at the beginning; 0 if there is none.
size_t jsonValue(std::string_view text) {
  size_t depth = 0;
  bool quoted = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted) {
      if (c == '\\')
        ++i;
      else if (c == '"')
        quoted = false;
    } else if (c == '"') {
      quoted = true;
    } else if (c == '{' || c == '[') {
      if (++depth > kDeepest) return 0;
    } else if ((c == '}' || c == ']') && --depth == 0) {
      return JsonDocument::parse(text.substr(0, i + 1)).has_value() ? i + 1 : 0;
    }
  }
  return 0;
}

class Splitter {
 public:
  void split(std::string_view text, int line) {
    size_t begin = 0, at = 0;
    int first = line;
    while (at < text.size()) {
      const size_t end = std::min(text.find('\n', at), text.size());
      if (isMarker(text.substr(at, end - at))) {
        close(text.substr(begin, at - begin), first);
        begin = at + 3;  // text after the marker on its line belongs to the document
        first = line;
      }
      at = end + 1;
      ++line;
    }
    close(text.substr(begin), first);
  }

  std::vector<YamlChunk> out;

 private:
  static bool isMarker(std::string_view row) {
    return (row.starts_with("---") || row.starts_with("...")) &&
           (row.size() == 3 || row[3] == ' ' || row[3] == '\t' || row[3] == '\r');
  }

  void close(std::string_view text, int line) {
    skipBlanks(text, line);
    while (text.starts_with('{') || text.starts_with('[')) {
      const size_t length = jsonValue(text);
      if (length == 0) break;
      out.push_back({text.substr(0, length), line, owner_});
      line += breaksIn(text.substr(0, length));
      text.remove_prefix(length);
      skipBlanks(text, line);
    }
    if (!owner_ && hasOtherBreaks(text)) {
      owner_ = std::make_shared<const std::string>(withPlainBreaks(text));
      split(*owner_, line);
      owner_ = nullptr;
    } else if (!isEmpty(text)) {
      out.push_back({text, line, owner_});
    }
  }

  // Drops text before a JSON value: blanks, and a byte order mark at the beginning of a document.
  static void skipBlanks(std::string_view& text, int& line) {
    for (;;) {
      const size_t content = std::min(text.find_first_not_of(kBlanks), text.size());
      const std::string_view rest = text.substr(content);
      const bool beginsLine = content == 0 || text[content - 1] == '\n';
      const bool isMarked = beginsLine && rest.starts_with(kMark);
      if (!rest.empty() && !rest.starts_with('{') && !rest.starts_with('[') && !isMarked) return;
      line += breaksIn(text.substr(0, content));
      text.remove_prefix(content + (isMarked ? kMark.size() : 0));
      if (!isMarked) return;
    }
  }

  std::shared_ptr<const std::string> owner_;
};

}  // namespace

std::vector<YamlChunk> splitStream(std::string_view text) {
  Splitter splitter;
  splitter.split(text, 1);
  return std::move(splitter.out);
}

}  // namespace errand::cli
