#include "rules/literals/reach.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

namespace errand::rules {
namespace {

using Bytes = std::bitset<Reach::kBytes>;

Bytes between(char first, char last) {
  Bytes out;
  for (int c = static_cast<unsigned char>(first); c <= static_cast<unsigned char>(last); ++c)
    out.set(static_cast<size_t>(c));
  return out;
}

Bytes only(char c) { return between(c, c); }

// A part of a pattern, and the bytes and lengths that it can match.
struct Part {
  Bytes bytes;  // the bytes that a match can have
  Reach reach;
};

// Reads the part of RE2's syntax that the formats use: https://github.com/google/re2/wiki/Syntax
class PatternReader {
 public:
  explicit PatternReader(std::string_view pattern) : rest_(pattern) {}

  // Returns nullopt for other syntax.
  std::optional<Part> read() {
    Part out = alternatives({});
    return good_ && rest_.empty() ? std::optional(out) : std::nullopt;
  }

 private:
  struct Flags {
    bool anyCase = false, dotIsAll = false;
  };

  Part alternatives(Flags flags) {
    Part out = sequence(flags);
    while (take('|')) {
      const Part other = sequence(flags);
      out.bytes |= other.bytes;
      out.reach.unlimited |= other.reach.unlimited;
      out.reach.others = std::max(out.reach.others, other.reach.others);
    }
    return out;
  }

  Part sequence(Flags& flags) {
    Part out;
    while (good_ && !rest_.empty() && rest_.front() != '|' && rest_.front() != ')') {
      const Part next = repeated(atom(flags));
      out.bytes |= next.bytes;
      out.reach.unlimited |= next.reach.unlimited;
      out.reach.others += next.reach.others;
    }
    return out;
  }

  // Applies the quantifier that follows a part, if any.
  Part repeated(Part part) {
    std::optional<size_t> most = 1;
    if (take('*') || take('+')) {
      most = std::nullopt;
    } else if (take('{')) {
      most = number();
      if (take(',')) most = rest_.starts_with('}') ? std::nullopt : std::optional(number());
      need('}');
    } else {
      take('?');
    }
    take('?');  // a lazy quantifier
    if (most)
      part.reach.others *= *most;
    else
      part.reach = {part.bytes, 0};
    return part;
  }

  Part atom(Flags& flags) {
    const char c = next();
    if (c == '(') return group(flags);
    if (c == '^' || c == '$') return {};
    if (c == '.') return single(flags.dotIsAll ? Bytes().set() : ~only('\n'));
    if (c == '[') return single(charClass(flags));
    if (c == '\\') {
      if (take('b')) return {};
      return single(cased(escaped(), flags));
    }
    if (c == '*' || c == '+' || c == '?' || c == '{') good_ = false;
    return single(cased(only(c), flags));
  }

  Part group(Flags& outer) {
    Flags flags = outer;
    if (take('?')) {
      while (good_ && !rest_.empty() && rest_.front() != ':' && rest_.front() != ')') {
        const char flag = next();
        if (flag == 'i')
          flags.anyCase = true;
        else if (flag == 's')
          flags.dotIsAll = true;
        else
          good_ = false;
      }
      if (take(')')) {  // (?i) sets the flags for the rest of the enclosing group
        outer = flags;
        return {};
      }
      need(':');
    }
    const Part out = alternatives(flags);
    need(')');
    return out;
  }

  // Reads a character class, such as [a-z], after its opening bracket.
  Bytes charClass(Flags flags) {
    const bool negated = take('^');
    Bytes out;
    bool isFirst = true;
    while (good_ && !rest_.empty() && (isFirst || rest_.front() != ']')) {
      isFirst = false;
      const char first = next();
      if (first == '\\') {
        out |= escaped();
      } else if (first == '[' && rest_.starts_with(':')) {
        good_ = false;
      } else if (rest_.size() > 1 && rest_[0] == '-' && rest_[1] != ']') {
        next();
        const char last = next();
        if (last == '\\') good_ = false;
        out |= between(first, last);
      } else {
        out |= only(first);
      }
    }
    need(']');
    out = cased(out, flags);
    return negated ? ~out : out;
  }

  // Reads an escape after its backslash.
  Bytes escaped() {
    const char c = next();
    switch (c) {
      case 's':
        return only('\t') | only('\n') | only('\f') | only('\r') | only(' ');
      case 'd':
        return between('0', '9');
      case 'n':
        return only('\n');
      case 't':
        return only('\t');
      default:
        // Other letters and digits have meanings of their own.
        if ((between('0', '9') | between('A', 'Z') | between('a', 'z'))[static_cast<unsigned char>(c)])
          good_ = false;
        return only(c);
    }
  }

  static Bytes cased(Bytes bytes, Flags flags) {
    if (!flags.anyCase) return bytes;
    constexpr size_t kCase = 'a' - 'A';
    for (size_t upper = 'A'; upper <= 'Z'; ++upper)
      if (bytes[upper] || bytes[upper + kCase]) bytes.set(upper).set(upper + kCase);
    return bytes;
  }

  static Part single(const Bytes& bytes) { return {bytes, {{}, 1}}; }

  size_t number() {
    size_t out = 0;
    const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), out);
    good_ &= error == std::errc{};
    rest_.remove_prefix(static_cast<size_t>(end - rest_.data()));
    return out;
  }

  char next() {
    if (rest_.empty()) {
      good_ = false;
      return '\0';
    }
    const char c = rest_.front();
    rest_.remove_prefix(1);
    return c;
  }

  bool take(char c) {
    const bool found = rest_.starts_with(c);
    if (found) rest_.remove_prefix(1);
    return found;
  }

  void need(char c) { good_ &= take(c); }

  std::string_view rest_;
  bool good_ = true;
};

}  // namespace

Reach reachOf(std::string_view pattern) {
  const std::optional<Part> whole = PatternReader(pattern).read();
  return whole ? whole->reach : Reach{Bytes().set(), 0};
}

}  // namespace errand::rules
