// The encoding of a text in packed bytes. It begins with a number, whose two low bits are the Form. The other
// bits are the length, index or value that the form needs. Numbers are LEB128, seven bits a byte, low bits
// first. Signed numbers are zigzag-encoded, so that small negative ones are short.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "core/api/accounts.hpp"

namespace errand::api::packed {

// The forms of a text.
enum class Form : std::uint64_t {
  Raw = 0,      // the length; the bytes follow
  Known = 1,    // an index into kKnown; from its size on, into the earlier texts of this object
  Hex = 2,      // an index into kHexForms; the digits follow, two a byte
  Decimal = 3,  // a number without leading zeros
};

// Lower-case hexadecimal digits that follow a prefix.
struct HexForm {
  std::string_view prefix;
  size_t digits;
  std::array<std::uint8_t, 4> dashes;  // indexes of digits with a dash before them; 0: none
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
