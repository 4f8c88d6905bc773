#include "core/api/provenance.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>
#include <vector>

namespace errand::api {
namespace {

using Lines = std::set<std::string, std::less<>>;

constexpr std::string_view kCredentialExtra = "authentication.kubernetes.io/";

bool hasControl(std::string_view text) {
  return std::ranges::any_of(text, [](unsigned char c) { return c < 0x20 || c == 0x7f; });
}

std::unexpected<Error> cannotRecord(std::string_view what) {
  return fail(ErrorKind::Invalid,
              fmt::format("the user who asks cannot be recorded in metadata.annotations: {}; ask as another "
                          "user, or have the administrator of the authenticator change it",
                          what));
}

std::unexpected<RequesterProblem> problem(std::string_view key, std::string_view what) {
  return std::unexpected(RequesterProblem{
      fmt::format("metadata.annotations: {} {}, so admission has not recorded who asked; create "
                  "the object again, without annotations {}*, while the webhook serves this "
                  "namespace",
                  key, what, kRequesterPrefix)});
}

// Returns the lines of an annotation. Fails if a line is empty, occurs twice or has a control character.
std::expected<std::vector<std::string>, RequesterProblem> linesOf(const ObjectMeta& meta,
                                                                  std::string_view key) {
  std::vector<std::string> out;
  const auto it = meta.annotations.find(key);
  if (it == meta.annotations.end()) return out;
  Lines seen;
  for (std::string_view rest = it->second;;) {
    const size_t end = rest.find('\n');
    const std::string_view line = rest.substr(0, end);
    if (line.empty()) return problem(key, "has an empty line");
    if (hasControl(line)) return problem(key, "has a control character");
    if (!seen.emplace(line).second) return problem(key, "has a line twice");
    out.emplace_back(line);
    if (end == rest.npos) return out;
    rest.remove_prefix(end + 1);
  }
}

// Returns an annotation of one line; empty if it is missing.
std::expected<std::string, RequesterProblem> valueOf(const ObjectMeta& meta, std::string_view key) {
  auto lines = linesOf(meta, key);
  if (!lines) return std::unexpected(std::move(lines.error()));
  if (lines->size() > 1) return problem(key, "has more than one line");
  return lines->empty() ? std::string() : std::move(lines->front());
}

}  // namespace

Result<StringMap> recordRequester(const Requester& requester) {
  if (requester.user.empty()) return cannotRecord("the user name is empty");
  for (const auto& [what, value] : {std::pair("the user name", &requester.user), {"the uid", &requester.uid}})
    if (hasControl(*value)) return cannotRecord(fmt::format("{} has a control character", what));
  for (const std::string& group : requester.groups)
    if (group.empty() || hasControl(group))
      return cannotRecord("a group is empty or has a control character");
  Lines extra;
  for (const auto& [key, values] : requester.extra) {
    if (key.starts_with(kCredentialExtra)) continue;
    for (const std::string& value : values) {
      if (key.empty() || key.contains('=') || hasControl(key) || hasControl(value))
        return cannotRecord("extra has an empty key, a key with \"=\", or a control character");
      extra.insert(key + "=" + value);
    }
  }
  const Lines groups(requester.groups.begin(), requester.groups.end());
  for (const auto& [what, lines] : {std::pair("groups", &groups), {"values of extra", &extra}})
    if (lines->size() > kMostRequesterLines)
      return cannotRecord(fmt::format("{} {} are more than {}", lines->size(), what, kMostRequesterLines));

  StringMap out = {{std::string(kRequesterUser), requester.user}};
  if (!requester.uid.empty()) out.emplace(kRequesterUid, requester.uid);
  if (!groups.empty()) out.emplace(kRequesterGroups, fmt::format("{}", fmt::join(groups, "\n")));
  if (!extra.empty()) out.emplace(kRequesterExtra, fmt::format("{}", fmt::join(extra, "\n")));
  size_t bytes = 0;
  for (const auto& [key, value] : out) bytes += value.size();
  if (bytes > kLongestRequester)
    return cannotRecord(
        fmt::format("user, uid, groups and extra take {} bytes of at most {}", bytes, kLongestRequester));
  return out;
}

Requester asRecorded(Requester requester) {
  const auto tidy = [](std::vector<std::string>& values) {
    std::ranges::sort(values);
    values.erase(std::ranges::unique(values).begin(), values.end());
  };
  std::erase(requester.groups, kUnaccountableGroup);
  tidy(requester.groups);
  std::erase_if(requester.extra, [](const auto& entry) {
    return entry.first.starts_with(kCredentialExtra) || entry.second.empty();
  });
  for (auto& [key, values] : requester.extra) tidy(values);
  return requester;
}

std::expected<Requester, RequesterProblem> recordedRequester(const ObjectMeta& meta) {
  size_t bytes = 0;
  for (const std::string_view key : kRequesterKeys) bytes += meta.annotation(key).size();
  if (bytes > kLongestRequester) return problem(kRequesterGroups, "and its like are too long");
  auto user = valueOf(meta, kRequesterUser);
  auto uid = valueOf(meta, kRequesterUid);
  auto groups = linesOf(meta, kRequesterGroups);
  const auto extra = linesOf(meta, kRequesterExtra);
  if (!user) return std::unexpected(std::move(user.error()));
  if (!uid) return std::unexpected(std::move(uid.error()));
  if (!groups) return std::unexpected(std::move(groups.error()));
  if (!extra) return std::unexpected(extra.error());
  if (user->empty()) return problem(kRequesterUser, "is missing");
  Requester out{std::move(*user), std::move(*uid), std::move(*groups), {}};
  for (const std::string& line : *extra) {
    const size_t end = line.find('=');
    if (end == line.npos || end == 0) return problem(kRequesterExtra, "has a line that is not key=value");
    out.extra[line.substr(0, end)].push_back(line.substr(end + 1));
  }
  return asRecorded(std::move(out));
}

}  // namespace errand::api
