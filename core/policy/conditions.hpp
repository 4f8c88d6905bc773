// The types of the conditions in the status of Errand's kinds.
#pragma once

#include <string_view>

namespace errand::policy {

inline constexpr std::string_view kReady = "Ready";
inline constexpr std::string_view kStalled = "Stalled";
inline constexpr std::string_view kApproved = "Approved";      // of a TaskGrant
inline constexpr std::string_view kActive = "Active";          // of a TaskGrant
inline constexpr std::string_view kStreamsEnd = "StreamsEnd";  // of an AgentIdentity

}  // namespace errand::policy
