// The encoding of a text in packed bytes. A number comes first: its two low bits are the Form, the other bits
// hold what the form needs.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "core/api/accounts.hpp"

namespace errand::api::packed {

// The forms of a text.
enum class Form : std::uint64_t {
  Raw = 0,      // the length; the bytes follow
  Known = 1,    // an index into kKnown, followed by the earlier texts of this object
  Hex = 2,      // an index into kHexForms; the digits follow, two a byte
  Decimal = 3,  // a number without leading zeros
};

// Lower-case hexadecimal digits that follow a prefix.
struct HexForm {
  std::string_view prefix;
  size_t digits;
  std::array<std::uint8_t, 4> dashes;  // a dash precedes these digits; 0: none
};
inline constexpr HexForm kHexForms[] = {
    {"", 32, {8, 12, 16, 20}},  // a uid
    {"sha256:", 64, {}},
    {kGrantAccountPrefix, 20, {}},
};

// Texts that most objects have. Packed bytes never leave their process, so this list may change freely.
inline constexpr std::string_view kKnown[] = {
    "",
    "errand.dev/revoke",
    "errand.dev/v1alpha1",
    "errand.dev/task-grant",
    "errand.dev/task-grant-uid",
    "errand.dev/agent-identity",
    "errand.dev/tool-class",
    "errand.dev/enforce",
    "TaskGrant",
    "AgentIdentity",
    "ServiceAccount",
    "Role",
    "ClusterRole",
    "Ready",
    "Reconciling",
    "Stalled",
    "Active",
    "Running",
    "app",
    "app.kubernetes.io/name",
    "app.kubernetes.io/instance",
    "app.kubernetes.io/managed-by",
};

}  // namespace errand::api::packed
