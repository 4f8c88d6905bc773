// The annotations in which admission records the requester of an object. The policy errand-requester compares
// them with the user of the request, so the API server vouches for them.
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

// The largest size of all four values together, in bytes. The policy has the same limits.
inline constexpr std::size_t kLongestRequester = 64 * 1024;
// The most lines of groups, and the most lines of extra. The policy compares each line with each group, so
// CEL's cost limit bounds them.
inline constexpr std::size_t kMostRequesterLines = 800;
// recordedRequester() leaves out this group. The API server asks no authorizer about its members, so a
// requester with this group would pass every later check.
inline constexpr std::string_view kUnaccountableGroup = "system:masters";

// The reason why a record of the requester is missing or invalid.
struct RequesterProblem {
  std::string message;  // names the annotation and what to do
};

// Returns the annotations for this user. Omits the annotation of an empty uid, of no groups or of no extra.
// Leaves out keys of extra with the prefix authentication.kubernetes.io/: they describe one credential, not
// the user. Fails with Invalid for:
// - an empty user name, group or key of extra
// - a control character, or '=' in a key of extra
// - more than kMostRequesterLines or kLongestRequester
Result<StringMap> recordRequester(const Requester& requester);

// Returns the requester as recordedRequester() returns it after recordRequester(): groups and values sorted
// and without duplicates, without system:masters and without the keys of extra that are not recorded.
Requester asRecorded(Requester requester);

// Reads the record of a requester, and returns it as asRecorded() does. Fails if the user is missing, if a
// line is malformed or occurs twice, or if the record is longer than kLongestRequester. It checks neither the
// order of the lines nor kMostRequesterLines.
std::expected<Requester, RequesterProblem> recordedRequester(const ObjectMeta& meta);

}  // namespace errand::api
