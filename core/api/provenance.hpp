// The annotations in which admission records the requester of an object. The policy errand-requester
// requires that they equal the API server's own user information, so the API server vouches for them.
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
// The API server asks no authorizer about its members, so a record of it would pass every later check.
inline constexpr std::string_view kUnaccountableGroup = "system:masters";

struct RequesterProblem {
  std::string message;  // names the annotation and the way out
};

// Returns the annotations for this user. An empty uid, no groups or no extra omits that annotation. Invalid
// if the user cannot be recorded: an empty name, a control character, an empty group, '=' in a key of extra,
// or too much data.
Result<StringMap> recordRequester(const Requester& requester);

// Returns the requester as recordedRequester() reads it back after recordRequester(): sorted, without
// duplicates, system:masters and `authentication.kubernetes.io/*`. The latter describes one credential and
// not the user.
Requester asRecorded(Requester requester);

// Strict: admission writes the annotations in one form only, so any other form is an error.
std::expected<Requester, RequesterProblem> recordedRequester(const ObjectMeta& meta);

}  // namespace errand::api
