// Lets tokens of a grant's account be minted while the grant is Active, and is not to end, only.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/base/time.hpp"
#include "rules/views.hpp"

namespace errand::webhook {

struct TokenVerdict {
  std::optional<std::string> refusal;      // in words for who asked; nothing where a token may be minted
  std::optional<rules::NeedsGrant> needs;  // beside a refusal, where looking again may help
};

// Of a TokenRequest for `account`, which begins with kGrantAccountPrefix. Every cause of an end that the
// caches can know counts (policy::endingOf), so that a suspended identity or namespace stops the renewal of
// tokens while the operator is away. The grant's window is checked by `now`: a cache that is behind must not
// stretch it.
TokenVerdict evaluateToken(std::string_view ns, std::string_view account, const rules::Views& views,
                           Time now);

}  // namespace errand::webhook
