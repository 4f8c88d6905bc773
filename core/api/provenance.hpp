// The annotations in which admission records who asked for an object. The policy errand-requester demands
// that they equal what the API server knows of the user, so the API server vouches for them.
#pragma once

#include <cstddef>
#include <expected>
#include <string>
#include <string_view>

#include "core/api/meta.hpp"
#include "core/api/requester.hpp"

namespace errand::api {

inline constexpr std::string_view kRequesterPrefix = "errand.dev/requester-";
inline constexpr std::string_view kRequesterUser = "errand.dev/requester-user";
inline constexpr std::string_view kRequesterUid = "errand.dev/requester-uid";
inline constexpr std::string_view kRequesterGroups = "errand.dev/requester-groups";  // one a line
inline constexpr std::string_view kRequesterExtra = "errand.dev/requester-extra";    // key=value, one a line
inline constexpr std::string_view kRequesterKeys[] = {kRequesterUser, kRequesterUid, kRequesterGroups,
                                                      kRequesterExtra};

// All four values together, in bytes.
inline constexpr std::size_t kLongestRequester = 64 * 1024;
// Lines of groups, and lines of extra. The policy compares each line with each group, within CEL's cost
// limit.
inline constexpr std::size_t kMostRequesterLines = 800;
// No authorizer is asked about its members, so a record of it would pass every later check.
inline constexpr std::string_view kUnaccountableGroup = "system:masters";

struct RequesterProblem {
  std::string message;  // names the annotation and the way out
};

// The annotations for this user. An empty uid, no groups and no extra leave their annotation out. Invalid
// where the user cannot be recorded: a control character, an empty group, '=' in a key of extra, or too much
// of it.
Result<StringMap> recordRequester(const Requester& requester);

// What recordedRequester() makes of recordRequester(): sorted, nothing twice, without system:masters and
// without `authentication.kubernetes.io/*`, which describes one credential and not the user.
Requester asRecorded(Requester requester);

// Strict: an object that admission has written has one form only.
std::expected<Requester, RequesterProblem> recordedRequester(const ObjectMeta& meta);

}  // namespace errand::api
