#include "webhook/literals/scanner.hpp"

#include <re2/re2.h>
#include <re2/set.h>

#include <algorithm>
#include <array>
#include <deque>
#include <mutex>
#include <numeric>
#include <string>

#include "webhook/literals/prefilter.hpp"

namespace errand::webhook {
namespace {

constexpr std::array<std::string_view, 10> kPlaceholderWords = {
    "example", "placeholder", "redacted", "changeme",   "your-",
    "your_",   "dummy-",      "insert-",  "0123456789", "1234567890"};
constexpr size_t kLongRun = 6;
constexpr size_t kBefore = 64;

bool overlap(std::string_view a, std::string_view b) {
  return std::less<>()(a.data(), b.data() + b.size()) && std::less<>()(b.data(), a.data() + a.size());
}

// A random key of 20 characters has such a run or word with a chance below one in a million.
bool isPlaceholder(std::string_view text) {
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(),
                         [](unsigned char c) { return c < 0x80 ? std::tolower(c) : c; });
  for (const std::string_view word : kPlaceholderWords)
    if (lower.find(word) != std::string::npos) return true;
  size_t run = 0;
  for (size_t i = 0; i < lower.size(); ++i) {
    run = i > 0 && lower[i] == lower[i - 1] ? run + 1 : 1;
    if (run == kLongRun) return true;
  }
  return false;
}

RE2::Options options() {
  RE2::Options out;
  out.set_encoding(
      RE2::Options::EncodingLatin1);  // the formats are ASCII, and bytes make the smaller automaton
  out.set_max_mem(64 << 20);
  out.set_log_errors(false);
  return out;
}

// By itself, a pattern is seldom needed: compiling all takes as long as compiling the set.
class Single {
 public:
  explicit Single(re2::StringPiece pattern) : pattern_(pattern) {}

  const RE2& get() {
    std::call_once(once_, [this] { compiled_ = std::make_unique<RE2>(pattern_, options()); });
    return *compiled_;
  }

 private:
  const re2::StringPiece pattern_;
  std::once_flag once_;
  std::unique_ptr<RE2> compiled_;
};

}  // namespace

struct Scanner::Patterns {
  RE2::Set all{options(), RE2::UNANCHORED};
  std::deque<Single> each;
  std::unique_ptr<const Prefilter> first;
};

const Scanner& Scanner::instance() {
  static const Scanner scanner;
  return scanner;
}

Scanner::Scanner() : patterns_(std::make_unique<Patterns>()) {
  for (const auto formats :
       {cloudFormats(), codeHostFormats(), packageFormats(), modelFormats(), serviceFormats(),
        infrastructureFormats(), workFormats(), keyFormats(), genericFormats()})
    for (const Format& format : formats) {
      formats_.push_back(&format);
      const re2::StringPiece pattern(format.pattern.data(), format.pattern.size());
      patterns_->all.Add(pattern, nullptr);
      patterns_->each.emplace_back(pattern);
    }
  patterns_->all.Compile();
  patterns_->first = std::make_unique<Prefilter>(formats_);
}

Scanner::~Scanner() = default;

bool Scanner::suspects(std::string_view text) const { return patterns_->first->passes(text); }

bool Scanner::mayHold(std::string_view text) const {
  RE2::Set::ErrorInfo error{RE2::Set::kNoError};
  return patterns_->all.Match(re2::StringPiece(text.data(), text.size()), nullptr, &error) ||
         error.kind != RE2::Set::kNoError;
}

std::vector<Hit> Scanner::scan(std::string_view text) const {
  if (!suspects(text)) return {};
  const re2::StringPiece piece(text.data(), text.size());
  std::vector<int> occurring;
  RE2::Set::ErrorInfo error{RE2::Set::kNoError};
  if (!patterns_->all.Match(piece, &occurring, &error)) {
    if (error.kind == RE2::Set::kNoError) return {};
    // The automaton of the set ran out of its memory: each pattern is tried by itself.
    occurring.resize(formats_.size());
    std::iota(occurring.begin(), occurring.end(), 0);
  }
  std::ranges::sort(occurring);

  std::vector<Hit> hits;
  std::vector<std::string_view> found;  // what the hits found, of which generic formats are rid
  for (const int index : occurring) {
    const Format& format = *formats_[static_cast<size_t>(index)];
    const RE2& pattern = patterns_->each[static_cast<size_t>(index)].get();
    re2::StringPiece groups[2];
    for (size_t from = 0; pattern.Match(piece, from, piece.size(), RE2::UNANCHORED, groups, 2);
         from = static_cast<size_t>(groups[1].data() - piece.data()) + groups[1].size()) {
      const std::string_view credential(groups[1].data(), groups[1].size());
      const auto at = static_cast<size_t>(groups[1].data() - piece.data());
      const std::string_view before = text.substr(at - std::min(at, kBefore), std::min(at, kBefore));
      if (format.placeholders && isPlaceholder(credential)) continue;
      if (format.accept != nullptr && !format.accept(credential, before)) continue;
      if (format.generic &&
          std::ranges::any_of(found, [&](auto other) { return overlap(credential, other); }))
        continue;
      found.push_back(credential);
      hits.push_back({&format, credential.size()});
      break;
    }
  }
  return hits;
}

}  // namespace errand::webhook
