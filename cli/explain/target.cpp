#include "cli/explain/target.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <vector>

#include "cli/command/suggest.hpp"

namespace errand::cli {
namespace {

struct KindName {
  std::string_view alias, kind;
};
constexpr std::array kKindNames = std::to_array<KindName>({{"taskgrant", "TaskGrant"},
                                                           {"tg", "TaskGrant"},
                                                           {"job", "Job"},
                                                           {"pod", "Pod"},
                                                           {"po", "Pod"},
                                                           {"deployment", "Deployment"},
                                                           {"deploy", "Deployment"},
                                                           {"statefulset", "StatefulSet"},
                                                           {"sts", "StatefulSet"}});

// Returns the word in lower case, without a group and without the s of the plural.
std::string singular(std::string_view word) {
  std::string out(word.substr(0, word.find('.')));
  std::ranges::transform(out, out.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? c + 32 : c; });
  if (out.size() > 3 && out.ends_with('s')) out.pop_back();
  return out;
}

}  // namespace

Result<ObjectName> parseTarget(std::string_view text) {
  const size_t slash = text.find('/');
  if (slash == text.npos) {
    if (text.empty()) return fail(ErrorKind::Invalid, "name a TaskGrant, Job or Pod");
    return ObjectName{"", std::string(text)};
  }
  const std::string kind = singular(text.substr(0, slash));
  const std::string name(text.substr(slash + 1));
  const auto* const known = std::ranges::find(kKindNames, kind, &KindName::alias);
  if (known == kKindNames.end()) {
    std::vector<std::string> names;
    for (const KindName& k : kKindNames) names.emplace_back(k.alias);
    const std::string meant = nearest(kind, names);
    return fail(ErrorKind::Invalid,
                fmt::format("{}: explain knows taskgrant, job, pod, deployment and statefulset{}", text,
                            meant.empty() ? "" : "; did you mean " + meant + "/" + name + "?"));
  }
  if (name.empty() || name.contains('/'))
    return fail(ErrorKind::Invalid, fmt::format("{}: write KIND/NAME, such as job/fix", text));
  return ObjectName{std::string(known->kind), name};
}

}  // namespace errand::cli
