// Chat and payment: Slack (https://api.slack.com/concepts/token-types) and
// Stripe (https://docs.stripe.com/keys; its publishable pk_ keys are public).
#include "webhook/literals/format.hpp"

namespace errand::webhook {

std::span<const Format> serviceFormats() {
  static const std::vector<Format> formats = {
      {.id = "slack-bot-token",
       .issuer = "Slack",
       .what = "bot token",
       .pattern = R"(\b(xoxb-[0-9]{10,13}-[0-9]{10,13}-[0-9A-Za-z]{20,34})\b)",
       .found = {"xoxb-<dec*12>-<dec*12>-<b62*24>", "SLACK_TOKEN=xoxb-<dec*11>-<dec*13>-<b62*24>"},
       .passed = {"xoxb-your-bot-token", "xoxb-<dec*12>-<dec*12>",
                  "xoxb-<dec*12>-<dec*12>-xxxxxxxxxxxxxxxxxxxxxxxx"}},
      {.id = "slack-user-token",
       .issuer = "Slack",
       .what = "user token",
       .pattern = R"(\b(xox[pe](?:-[0-9]{10,13}){2,3}-[0-9A-Za-z-]{28,34})\b)",
       .found = {"xoxp-<dec*12>-<dec*12>-<dec*13>-<hex*32>", "xoxp-<dec*12>-<dec*12>-<hex*32>"},
       .passed = {"xoxp-your-user-token", "xoxp-<dec*12>-<dec*12>"}},
      {.id = "slack-webhook",
       .issuer = "Slack",
       .what = "webhook URL",
       .pattern =
           R"((hooks\.slack\.com/(?:services|workflows|triggers)/[A-Z0-9]{8,12}/[A-Z0-9]{8,20}/[0-9A-Za-z]{20,36}))",
       .found = {"https://hooks.slack.com/services/T<b32*10>/B<b32*10>/<b62*24>"},
       .passed = {"https://hooks.slack.com/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX",
                  "https://hooks.slack.com/services/",
                  "https://slack.com/services/T<b32*10>/B<b32*10>/<b62*24>"}},
      {.id = "stripe-key",
       .issuer = "Stripe",
       .what = "secret key",
       .pattern = R"(\b([sr]k_(?:live|test|prod)_[0-9A-Za-z]{16,247})\b)",
       .found = {"sk_live_<b62*24>", "rk_live_<b62*99>", "STRIPE_KEY=sk_test_<b62*24>"},
       .passed = {"pk_live_<b62*24>", "sk_test_<b62*8>", "sk_test_xxxxxxxxxxxxxxxxxxxxxxxx",
                  "task_live_<b62*24>"}},
  };
  return formats;
}

}  // namespace errand::webhook
