// SC109. By name alone: a password has no format by which SC108 could tell it.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>

#include "rules/catalogue/catalogue.hpp"
#include "rules/catalogue/where.hpp"

namespace errand::rules {
namespace {

constexpr std::string_view kTags[] = {"NHI2", "NHI7", "ASI03"};
constexpr Parameter kParameters[] = {{"folder", "/var/run/secrets/errand.dev/", "whose files may be named"}};

// Sorted. From the documentation of each vendor's own SDK or command line.
constexpr std::array kNames = std::to_array<std::string_view>({
    "AI21_API_KEY",
    "ANTHROPIC_API_KEY",
    "ANTHROPIC_AUTH_TOKEN",
    "ARM_CLIENT_SECRET",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AZURE_CLIENT_SECRET",
    "AZURE_OPENAI_API_KEY",
    "AZURE_STORAGE_CONNECTION_STRING",
    "AZURE_STORAGE_KEY",
    "BITBUCKET_TOKEN",
    "CLOUDFLARE_API_TOKEN",
    "COHERE_API_KEY",
    "DATABASE_PASSWORD",
    "DATADOG_API_KEY",
    "DB_PASSWORD",
    "DD_API_KEY",
    "DD_APP_KEY",
    "DEEPSEEK_API_KEY",
    "DIGITALOCEAN_ACCESS_TOKEN",
    "DISCORD_TOKEN",
    "DOCKER_AUTH_CONFIG",
    "FIREWORKS_API_KEY",
    "GEMINI_API_KEY",
    "GH_TOKEN",
    "GITHUB_TOKEN",
    "GITLAB_TOKEN",
    "GOOGLE_API_KEY",
    "GOOGLE_APPLICATION_CREDENTIALS",
    "GROQ_API_KEY",
    "HF_TOKEN",
    "HUGGINGFACE_API_KEY",
    "HUGGING_FACE_HUB_TOKEN",
    "JIRA_API_TOKEN",
    "KUBECONFIG",
    "LANGCHAIN_API_KEY",
    "LANGSMITH_API_KEY",
    "MISTRAL_API_KEY",
    "MONGODB_PASSWORD",
    "MYSQL_PASSWORD",
    "MYSQL_ROOT_PASSWORD",
    "NPM_TOKEN",
    "OPENAI_API_KEY",
    "OPENROUTER_API_KEY",
    "PAGERDUTY_TOKEN",
    "PERPLEXITY_API_KEY",
    "PGPASSWORD",
    "PINECONE_API_KEY",
    "POSTGRES_PASSWORD",
    "REDIS_PASSWORD",
    "REPLICATE_API_TOKEN",
    "SENDGRID_API_KEY",
    "SENTRY_AUTH_TOKEN",
    "SLACK_BOT_TOKEN",
    "SLACK_TOKEN",
    "SNYK_TOKEN",
    "STRIPE_API_KEY",
    "STRIPE_SECRET_KEY",
    "TAVILY_API_KEY",
    "TFE_TOKEN",
    "TOGETHER_API_KEY",
    "TWILIO_AUTH_TOKEN",
    "VAULT_TOKEN",
    "VOYAGE_API_KEY",
    "XAI_API_KEY",
});
static_assert(std::ranges::is_sorted(kNames));

static_assert(std::ranges::max(kNames, {}, &std::string_view::size).size() < 64);

// Lengths of the names by a character of theirs, one bit each.
using Lengths = std::array<std::uint64_t, 256>;
constexpr Lengths lengthsBy(char (*character)(std::string_view)) {
  Lengths out{};
  for (const std::string_view name : kNames)
    out[static_cast<unsigned char>(character(name))] |= std::uint64_t{1} << name.size();
  return out;
}
constexpr Lengths kByFirst = lengthsBy([](std::string_view name) { return name.front(); });
constexpr Lengths kByLast = lengthsBy([](std::string_view name) { return name.back(); });

// Length, first and last character rule out nearly all that is no name of these.
bool holdsCredential(std::string_view name) {
  if (name.empty() || name.size() >= 64) return false;
  const std::uint64_t lengths =
      kByFirst[static_cast<unsigned char>(name.front())] & kByLast[static_cast<unsigned char>(name.back())];
  return (lengths >> name.size() & 1) != 0 && std::ranges::binary_search(kNames, name);
}

constexpr std::string_view kFolder = "/var/run/secrets/errand.dev/";

// A reference is resolved from another variable, which is checked itself
// (https://kubernetes.io/docs/tasks/inject-data-application/define-interdependent-environment-variables/).
bool isReference(std::string_view value) {
  return value.starts_with("$(") && value.find(')') == value.size() - 1;
}

bool isGrantsFile(std::string_view value) {
  return value.starts_with(kFolder) && value.find("/..") == std::string_view::npos;
}

void check(const CheckInput& input, Reporter& report) {
  for (const Container* container : input.containers)
    for (const EnvVar& env : container->env)
      if (!env.value.empty() && holdsCredential(env.name) && !isReference(env.value) &&
          !isGrantsFile(env.value))
        report.add(pathOf(*container, env), fmt::format("{}: env {} has a literal value ({} characters)",
                                                        describe(*container), env.name, env.value.size()));
}

}  // namespace

constinit const Rule kCredentialVariable = {
    .id = "SC109",
    .slug = "credential-variable",
    .title = "A variable that is known to hold a credential must not have a literal value",
    .why =
        "An SDK reads such a variable as its credential, so whatever stands in it is one, or the path of "
        "one, whether or not it has the format of a key.",
    .fix =
        "lease it by a TaskGrant (access.secrets) and let the variable name its file below "
        "/var/run/secrets/errand.dev",
    .severity = Severity::High,
    .tags = kTags,
    .refused = R"(Refused is any literal value of a variable that SDKs and command lines read their
credentials from, such as `AWS_SECRET_ACCESS_KEY`, `GOOGLE_APPLICATION_CREDENTIALS`,
`AZURE_CLIENT_SECRET`, `OPENAI_API_KEY`, `ANTHROPIC_API_KEY`, `GITHUB_TOKEN`,
`PGPASSWORD` and `KUBECONFIG`, in any container of a pod or template.

```yaml
env:
- name: PGPASSWORD
  value: hunter2   # refused
```)",
    .allowed = R"(A path below `/var/run/secrets/errand.dev/`, a reference such as `$(PASSWORD_FILE)`, and an
empty value.)",
    .parameters = kParameters,
    .pods = {{kPods, check}}};

}  // namespace errand::rules
