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
inline constexpr std::string_view kRequesterGroups = "errand.dev/requester-groups";  // one group a line
inline constexpr std::string_view kRequesterExtra = "errand.dev/requester-extra";    // one key=value a line
inline constexpr std::string_view kRequesterKeys[] = {kRequesterUser, kRequesterUid, kRequesterGroups,
                                                      kRequesterExtra};

// The largest size of all four values together, in bytes.
inline constexpr std::size_t kLongestRequester = 64 * 1024;
// The most lines of groups, and the most lines of extra. The policy compares each line with each group, so
// CEL's cost limit bounds them.
inline constexpr std::size_t kMostRequesterLines = 800;
// A record never holds this group. The API server asks no authorizer about its members, so such a record
// would pass every later check.
inline constexpr std::string_view kUnaccountableGroup = "system:masters";

// Why a record of the requester is missing or invalid.
struct RequesterProblem {
  std::string message;  // names the annotation and what to do
};

// Returns the annotations for this user. Omits the annotation of an empty uid, of no groups or of no extra.
// Fails with Invalid if the user cannot be recorded:
// - an empty name or an empty group
// - a control character, or '=' in a key of extra
// - too much data
Result<StringMap> recordRequester(const Requester& requester);

// Returns the requester as recordedRequester() returns it after recordRequester(): sorted, without
// duplicates, without system:masters and `authentication.kubernetes.io/*`. Keys with that prefix describe one
// credential, not the user.
Requester asRecorded(Requester requester);

// Reads the record of a requester. Admission writes the annotations in exactly one form, so any other form is
// an error.
std::expected<Requester, RequesterProblem> recordedRequester(const ObjectMeta& meta);

}  // namespace errand::api
