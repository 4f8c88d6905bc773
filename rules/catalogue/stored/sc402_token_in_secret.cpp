// SC402. The API server does not send the operator's own slots to the webhook, and no file has one.
#include <fmt/format.h>

#include "rules/catalogue/catalogue.hpp"
#include "rules/catalogue/stored/jwt.hpp"
#include "rules/catalogue/where.hpp"

namespace errand::rules {
namespace {

constexpr std::string_view kTags[] = {"NHI2", "NHI7", "ASI03"};
constexpr Parameter kParameters[] = {{"longest", "3600", "seconds between a token's iat and exp"}};

constexpr std::int64_t kLongest = 3600;

void checkObject(const ObjectCheckInput& input, Reporter& report) {
  const ObjectView& secret = input.object;
  if (!secret.is("", "Secret") || input.settings.isOperator(input.user)) return;
  for (const Literal& text : secret.texts)
    for (const TokenClaims& token : tokensIn(text.text)) {
      if (!token.subject.starts_with(api::kAccountUserPrefix)) continue;
      const bool ends = token.expiresAt && token.issuedAt && *token.expiresAt - *token.issuedAt <= kLongest;
      if (!ends)
        report.add(
            mapPointer(text.field),
            fmt::format("Secret {}: {} holds a token of a service account {}", inQuotes(secret.name),
                        printable(text.field), token.expiresAt ? "for more than an hour" : "without an end"));
    }
}

}  // namespace

constinit const Rule kTokenInSecret = {
    .id = "SC402",
    .slug = "token-in-secret",
    .title = "A Secret must not hold a service account's token of more than an hour",
    .why =
        "A token that somebody has minted by hand and put into a Secret is a standing credential in all but "
        "name.",
    .fix = "delete it, and ask for a TaskGrant whose slot the operator fills and empties",
    .severity = Severity::Critical,
    .tags = kTags,
    .refused =
        R"(The rule rejects a Secret of any type with a value that contains a JSON Web Token of the subject
`system:serviceaccount:…`, if the token lacks `exp` or `iat`, or if its `exp` is more than 3600 s
after its `iat`. The signature is not checked.

```yaml
kind: Secret
stringData: {token: eyJ…}   # refused
```)",
    .allowed = "Slots, which the operator writes. All other tokens, because leased Secrets may hold them.",
    .parameters = kParameters,
    .objects = {{kObjectStages, checkObject}}};

}  // namespace errand::rules
