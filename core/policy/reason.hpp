// The reasons that a status shows. Only reasons that reasons.inc lists are values of this type.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "core/api/meta.hpp"

namespace errand::policy {

// The reasons, in the order of reasons.inc.
enum class Reason : std::uint8_t {
#define ERRAND_REASON(name, ...) name,
#include "core/policy/reasons.inc"
#undef ERRAND_REASON
};

// Returns the name that conditions and Events show.
std::string_view toString(Reason reason);

// Returns the reason of a stored condition; nullopt if no entry has that name, because another version has
// written it. Use it only if the status is the only record of a fact, and say why in a comment.
std::optional<Reason> reasonOf(const api::Condition& condition);

}  // namespace errand::policy
