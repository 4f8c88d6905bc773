// The reasons that a status shows. A reason is a value of this type until the status is written, so no code
// can show one that reasons.inc does not list.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "core/api/meta.hpp"

namespace errand::policy {

enum class Reason : std::uint8_t {
#define ERRAND_REASON(name, ...) name,
#include "core/policy/reasons.inc"
#undef ERRAND_REASON
};

// Returns the name, as conditions and Events show it.
std::string_view toString(Reason reason);

// Returns the reason of a stored condition; nullopt if no entry has that name, such as a reason of another
// version. Use it only where the status is the only record of what is asked, and say why it is.
std::optional<Reason> reasonOf(const api::Condition& condition);

}  // namespace errand::policy
