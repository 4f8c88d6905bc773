#include "rules/literals/scanner.hpp"

#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <deque>
#include <string>

#include "rules/literals/prefilter.hpp"
#include "rules/literals/values.hpp"

namespace errand::rules {
namespace {

constexpr size_t kBefore = 128;  // see Format::accept

bool overlap(std::string_view a, std::string_view b) {
  return std::less<>()(a.data(), b.data() + b.size()) && std::less<>()(b.data(), a.data() + a.size());
}

// The most bytes of the automata of one pattern, which grow with the texts that they read. A hostile megabyte
// would fill any limit.
constexpr std::int64_t kMostAutomaton = std::int64_t{2} << 20;

// One pattern. It is compiled when it may first match, because most patterns are seldom needed.
class Single {
 public:
  explicit Single(re2::StringPiece pattern) : pattern_(pattern) {}

  std::shared_ptr<const RE2> get() {
    std::shared_ptr<const RE2> out = compiled_.load();
    if (out) return out;
    RE2::Options options;
    // The formats are ASCII, and Latin-1 makes the smaller automaton.
    options.set_encoding(RE2::Options::EncodingLatin1);
    options.set_max_mem(kMostAutomaton);
    options.set_log_errors(false);
    out = std::make_shared<const RE2>(pattern_, options);
    compiled_.store(out);
    return out;
  }

  void forget() { compiled_.store(nullptr); }

 private:
  const re2::StringPiece pattern_;
  std::atomic<std::shared_ptr<const RE2>> compiled_;
};

// Returns the first credential of the format in a part of the text; empty if there is none. `found` are the
// credentials of earlier formats.
std::string_view firstIn(std::string_view text, Prefilter::Stretch part, const Format& format,
                         const RE2& pattern, const std::vector<std::string_view>& found) {
  const re2::StringPiece piece(text.data(), text.size());
  re2::StringPiece groups[2];
  for (size_t from = part.begin; pattern.Match(piece, from, part.end, RE2::UNANCHORED, groups, 2);
       from = static_cast<size_t>(groups[1].data() - piece.data()) + groups[1].size()) {
    const std::string_view credential(groups[1].data(), groups[1].size());
    const auto at = static_cast<size_t>(groups[1].data() - piece.data());
    const std::string_view before = text.substr(at - std::min(at, kBefore), std::min(at, kBefore));
    if (format.placeholders && isPlaceholder(credential)) continue;
    if (format.accept != nullptr && !format.accept(credential, before)) continue;
    if (format.generic && std::ranges::any_of(found, [&](auto other) { return overlap(credential, other); }))
      continue;
    return credential;
  }
  return {};
}

}  // namespace

struct Scanner::Patterns {
  std::deque<Single> each;
  std::unique_ptr<const Prefilter> first;
};

const Scanner& Scanner::instance() {
  static const Scanner scanner;
  return scanner;
}

Scanner::Scanner() : patterns_(std::make_unique<Patterns>()) {
  for (const auto formats : {cloudFormats(), codeHostFormats(), packageFormats(), modelFormats(),
                             agentFormats(), serviceFormats(), infrastructureFormats(), hostingFormats(),
                             workFormats(), productFormats(), keyFormats(), genericFormats()})
    for (const Format& format : formats) {
      formats_.push_back(&format);
      const re2::StringPiece pattern(format.pattern.data(), format.pattern.size());
      patterns_->each.emplace_back(pattern);
    }
  patterns_->first = std::make_unique<Prefilter>(formats_);
}

Scanner::~Scanner() = default;

void Scanner::forget() const {
  for (Single& single : patterns_->each) single.forget();
}

bool Scanner::suspects(std::string_view text) const { return patterns_->first->passes(text); }

bool Scanner::mayHold(std::string_view text) const {
  const re2::StringPiece piece(text.data(), text.size());
  for (const Prefilter::Parts& parts : patterns_->first->partsOf(text)) {
    const std::shared_ptr<const RE2> pattern = patterns_->each[parts.format].get();
    for (const Prefilter::Stretch& part : parts.stretches)
      if (pattern->Match(piece, part.begin, part.end, RE2::UNANCHORED, nullptr, 0)) return true;
  }
  return false;
}

std::vector<Hit> Scanner::scan(std::string_view text) const {
  std::vector<Hit> hits;
  std::vector<std::string_view> found;  // credentials that were found; generic formats skip them
  for (const Prefilter::Parts& parts : patterns_->first->partsOf(text)) {
    const Format& format = *formats_[parts.format];
    const std::shared_ptr<const RE2> pattern = patterns_->each[parts.format].get();
    for (const Prefilter::Stretch& part : parts.stretches) {
      const std::string_view credential = firstIn(text, part, format, *pattern, found);
      if (credential.empty()) continue;
      found.push_back(credential);
      hits.push_back({&format, credential.size()});
      break;
    }
  }
  return hits;
}

}  // namespace errand::rules
