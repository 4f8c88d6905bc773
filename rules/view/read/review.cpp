#include "rules/view/read/review.hpp"

#include "rules/view/describe.hpp"

namespace errand::rules {

Result<std::shared_ptr<const JsonDocument>> parseReview(std::string_view text) {
  return JsonDocument::parse(text, {.entries = kMostEntries, .what = "review", .quote = inQuotes});
}

void readTexts(const JsonNode& node, std::string at, std::initializer_list<std::string_view> but,
               std::vector<Text>& out) {
  node.strings(std::move(at), but,
               [&](const std::string& path, std::string_view name, std::string_view text) {
                 out.push_back({path, name, text});
               });
}

}  // namespace errand::rules
