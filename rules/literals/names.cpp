#include "rules/literals/names.hpp"

#include <algorithm>
#include <array>

#include "rules/literals/publicnames.hpp"

namespace errand::rules {
namespace {

// Names from the documentation of images, SDKs and command lines. Sorted.
constexpr auto kDocumented = std::to_array<std::string_view>({
    "AI21_API_KEY",
    "AIRTABLE_TOKEN",
    "ANTHROPIC_API_KEY",
    "ANTHROPIC_AUTH_TOKEN",
    "APIFY_TOKEN",
    "APP_KEY",
    "APP_KEYS",
    "ARGOCD_TOKEN",
    "ARM_ACCESS_KEY",
    "ARM_CLIENT_SECRET",
    "AUTH0_SECRET",
    "AUTHENTICATION_APIKEY_ALLOWED_KEYS",
    "AUTH_GITHUB_SECRET",
    "AUTH_GOOGLE_SECRET",
    "AWS_BEARER_TOKEN_BEDROCK",
    "AWS_SECRET",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AZP_TOKEN",
    "AZURE_CLIENT_SECRET",
    "AZURE_COSMOS_KEY",
    "AZURE_CREDENTIALS",
    "AZURE_DEVOPS_EXT_PAT",
    "AZURE_DEVOPS_PAT",
    "AZURE_DEVOPS_TOKEN",
    "AZURE_FUNCTIONS_KEY",
    "AZURE_OPENAI_API_KEY",
    "AZURE_OPENAI_KEY",
    "AZURE_PAT",
    "AZURE_SEARCH_KEY",
    "AZURE_SPEECH_KEY",
    "AZURE_STORAGE_CONNECTION_STRING",
    "AZURE_STORAGE_KEY",
    "AZURE_TRANSLATOR_KEY",
    "BASIC_AUTH",
    "BITBUCKET_TOKEN",
    "BW_SESSION",
    "CATTLE_TOKEN",
    "CHROMA_SERVER_AUTHN_CREDENTIALS",
    "CIRCLECI_CLI_TOKEN",
    "CIRCLECI_TOKEN",
    "CIRCLE_TOKEN",
    "CIVO_TOKEN",
    "CI_JOB_TOKEN",
    "CI_SERVER_TOKEN",
    "CLOUDFLARE_API_TOKEN",
    "CLOUDSMITH_TOKEN",
    "CODECOV_TOKEN",
    "COHERE_API_KEY",
    "CONSUL_HTTP_AUTH",
    "CONSUL_HTTP_TOKEN",
    "COPILOT_GITHUB_TOKEN",
    "COSMOS_KEY",
    "COUCHDB_SECRET",
    "COVERALLS_REPO_TOKEN",
    "CREDS_KEY",
    "CREWAI_PLATFORM_INTEGRATION_TOKEN",
    "CR_PAT",
    "DATABASE_PASSWORD",
    "DATABRICKS_PAT",
    "DATABRICKS_TOKEN",
    "DATADOG_API_KEY",
    "DATADOG_APP_KEY",
    "DB_PASSWORD",
    "DD_API_KEY",
    "DD_APP_KEY",
    "DEEPSEEK_API_KEY",
    "DIGITALOCEAN_ACCESS_TOKEN",
    "DIGITALOCEAN_TOKEN",
    "DIRECTUS_SECRET",
    "DISCORD_TOKEN",
    "DISCORD_WEBHOOK_URL",
    "DOCKERHUB_TOKEN",
    "DOCKER_AUTH_CONFIG",
    "DOCKER_TOKEN",
    "DOPPLER_TOKEN",
    "DRONE_TOKEN",
    "DUCKDNS_TOKEN",
    "ELASTICSEARCH_SERVICEACCOUNTTOKEN",
    "FAL_KEY",
    "FIGMA_TOKEN",
    "FIREBASE_TOKEN",
    "FIREWORKS_API_KEY",
    "FLOWER_BASIC_AUTH",
    "FLOWISE_SECRETKEY_OVERWRITE",
    "FURY_TOKEN",
    "GCLOUD_SERVICE_KEY",
    "GCP_CREDENTIALS",
    "GEMINI_API_KEY",
    "GHCR_PAT",
    "GHCR_TOKEN",
    "GH_ENTERPRISE_TOKEN",
    "GH_TOKEN",
    "GITEA_PAT",
    "GITEA_TOKEN",
    "GITHUB_ENTERPRISE_TOKEN",
    "GITHUB_PAT",
    "GITHUB_TOKEN",
    "GITLAB_TOKEN",
    "GIT_PAT",
    "GIT_TOKEN",
    "GOOGLE_API_KEY",
    "GOOGLE_APPLICATION_CREDENTIALS",
    "GOOGLE_APPLICATION_CREDENTIALS_JSON",
    "GOOGLE_CREDENTIALS",
    "GOTIFY_TOKEN",
    "GRAFANA_TOKEN",
    "GROQ_API_KEY",
    "HASS_TOKEN",
    "HASURA_SECRET",
    "HCLOUD_TOKEN",
    "HEX_TOKEN",
    "HF_TOKEN",
    "HOMEASSISTANT_TOKEN",
    "HONEYBADGER_TOKEN",
    "HTTP_BASIC_AUTH",
    "HUGGINGFACE_API_KEY",
    "HUGGINGFACE_HUB_TOKEN",
    "HUGGINGFACE_TOKEN",
    "HUGGING_FACE_HUB_TOKEN",
    "INFISICAL_TOKEN",
    "INFLUXDB_TOKEN",
    "INFLUXDB_V2_TOKEN",
    "INFLUX_TOKEN",
    "JELLYFIN_TOKEN",
    "JIRA_API_TOKEN",
    "K3S_TOKEN",
    "KUBECONFIG",
    "KUBE_TOKEN",
    "LANGCHAIN_API_KEY",
    "LANGSMITH_API_KEY",
    "LINE_CHANNEL_SECRET",
    "LINODE_CLI_TOKEN",
    "LINODE_PAT",
    "LINODE_TOKEN",
    "LOGZIO_TOKEN",
    "MASTERAUTH",
    "MATTERMOST_TOKEN",
    "MILVUS_TOKEN",
    "MISTRAL_API_KEY",
    "MLFLOW_TRACKING_TOKEN",
    "MM_SQLSETTINGS_ATRESTENCRYPTKEY",
    "MODAL_TOKEN_SECRET",
    "MONGODB_PASSWORD",
    "MONGODB_REPLICA_SET_KEY",
    "MYSQL_PASSWORD",
    "MYSQL_ROOT_PASSWORD",
    "NATS_TOKEN",
    "NEO4J_AUTH",
    "NEW_RELIC_USER_KEY",
    "NEXUS_AUTH",
    "NOMAD_TOKEN",
    "NOTION_TOKEN",
    "NPM_CONFIG__AUTH",
    "NPM_TOKEN",
    "NTFY_TOKEN",
    "OCI_CLI_KEY_CONTENT",
    "OKTA_CLIENT_TOKEN",
    "OPENAI_API_KEY",
    "OPENROUTER_API_KEY",
    "OP_CONNECT_TOKEN",
    "OS_TOKEN",
    "OVH_CONSUMER_KEY",
    "PACKAGIST_TOKEN",
    "PAGERDUTY_TOKEN",
    "PAPERLESS_TOKEN",
    "PERPLEXITY_API_KEY",
    "PGPASSWORD",
    "PHOENIX_SECRET",
    "PINECONE_API_KEY",
    "PLEX_CLAIM",
    "PLEX_TOKEN",
    "PLUGIN_DAEMON_KEY",
    "POETRY_PYPI_TOKEN_PYPI",
    "PORTAINER_TOKEN",
    "POSTGRES_PASSWORD",
    "POSTMARK_SERVER_TOKEN",
    "PREFECT_TOKEN",
    "PUSHOVER_TOKEN",
    "PYPI_TOKEN",
    "RAILWAY_TOKEN",
    "RANCHER_TOKEN_KEY",
    "REDISCLI_AUTH",
    "REDIS_AUTH",
    "REDIS_PASSWORD",
    "RELEASE_COOKIE",
    "RENOVATE_TOKEN",
    "REPLICATE_API_TOKEN",
    "REPLICATE_TOKEN",
    "REPLICATION_KEY",
    "REQUIREPASS",
    "RKE2_TOKEN",
    "ROCKETCHAT_TOKEN",
    "ROLLBAR_TOKEN",
    "SCALR_TOKEN",
    "SCW_TOKEN",
    "SENDGRID_API_KEY",
    "SENTRY_AUTH_TOKEN",
    "SENTRY_TOKEN",
    "SESSION_KEYS",
    "SIG_KEY",
    "SLACK_BOT_TOKEN",
    "SLACK_MCP_XOXP_TOKEN",
    "SLACK_TOKEN",
    "SLACK_WEBHOOK_URL",
    "SLACK_XOXB_TOKEN",
    "SLACK_XOXP_TOKEN",
    "SNYK_TOKEN",
    "SONAR_TOKEN",
    "SOPS_AGE_KEY",
    "SPACELIFT_TOKEN",
    "SPEECH_KEY",
    "SPLUNK_HEC_TOKEN",
    "SSHPASS",
    "STRIPE_API_KEY",
    "STRIPE_KEY_SECRET",
    "STRIPE_SECRET_KEY",
    "SUMOLOGIC_TOKEN",
    "SUPABASE_KEY",
    "SUPABASE_SERVICE_KEY",
    "SUPERVISOR_TOKEN",
    "TAVILY_API_KEY",
    "TEAMS_WEBHOOK_URL",
    "TELEGRAM_TOKEN",
    "TERRAFORM_TOKEN",
    "TFE_TOKEN",
    "TOGETHER_API_KEY",
    "TUNNEL_TOKEN",
    "TWILIO_AUTH_TOKEN",
    "TWINGATE_TOKEN",
    "UPCLOUD_TOKEN",
    "UPSTASH_REDIS_REST_TOKEN",
    "UTILS_SECRET",
    "VAULT_DEV_ROOT_TOKEN_ID",
    "VAULT_SECRET_ID",
    "VAULT_TOKEN",
    "VERCEL_TOKEN",
    "VOYAGE_API_KEY",
    "WEBEX_TOKEN",
    "WHATSAPP_TOKEN",
    "WM_TOKEN",
    "WOLFRAM_ALPHA_APPID",
    "WORDPRESS_LOGGED_IN_KEY",
    "WORDPRESS_NONCE_KEY",
    "XAI_API_KEY",
    "ZENDESK_TOKEN",
    "ZEROTIER_TOKEN",
    "_APP_OPENSSL_KEY_V",
});
static_assert(std::ranges::is_sorted(kDocumented));
static_assert(std::ranges::max(kDocumented, {}, &std::string_view::size).size() < 64);  // see Lengths

struct Ending {
  std::string_view text;
  Held held;
  bool glued = false;  // also matches inside a word: DBPASS in MYDBPASS
};

// The longest matching ending decides, because it is more specific: CLIENT_SECRET overrides SECRET.
constexpr auto kEndings = std::to_array<Ending>({
    {"ACCESSTOKEN", Held::Key, true},
    {"ACCESS_KEY_SECRET", Held::Key},
    {"ACCESS_SECRET", Held::Key},
    {"ACCESS_TOKEN", Held::Key},
    {"ACCESS_TOKEN_SECRET", Held::Key},
    {"ACCOUNT_KEY", Held::Key},
    {"ACCOUNT_TOKEN", Held::Key},
    {"ADMIN_KEY", Held::Key},
    {"ADMIN_SECRET", Held::Key},
    {"ADMIN_TOKEN", Held::Key},
    {"AGENT_SECRET", Held::Key},
    {"AGENT_TOKEN", Held::Key},
    {"APIKEY", Held::Key, true},
    {"APIKEYS", Held::Key, true},
    {"API_KEY", Held::Key},
    {"API_KEYS", Held::Key},
    {"API_KEY_SECRET", Held::Key},
    {"API_SECRET", Held::Key},
    {"API_TOKEN", Held::Key},
    {"APPLICATION_SECRET", Held::Key},
    {"APP_SECRET", Held::Key},
    {"APP_TOKEN", Held::Key},
    {"AUTHKEY", Held::Key},
    {"AUTHTOKEN", Held::Key, true},
    {"AUTH_KEY", Held::Key},
    {"AUTH_SECRET", Held::Key},
    {"AUTH_TOKEN", Held::Key},
    {"AUTH_TOKEN_SECRET", Held::Key},
    {"BEARER_TOKEN", Held::Key},
    {"BOOTSTRAP_TOKEN", Held::Key},
    {"BOT_TOKEN", Held::Key},
    {"CLIENTSECRET", Held::Key, true},
    {"CLIENT_SECRET", Held::Key},
    {"CONSUMER_KEY_SECRET", Held::Key},
    {"CONSUMER_SECRET", Held::Key},
    {"COOKIESECRET", Held::Key, true},
    {"COOKIE_SECRET", Held::Key},
    {"CREDENTIAL_SECRET", Held::Key},
    {"DBPASS", Held::Password, true},
    {"DEPLOY_TOKEN", Held::Key},
    {"ENCRYPTIONKEY", Held::Key, true},
    {"ENCRYPTION_KEY", Held::Key},
    {"ENCRYPTION_SECRET", Held::Key},
    {"ENC_KEY", Held::Key},
    {"ERLANG_COOKIE", Held::Key},
    {"FERNET_KEY", Held::Key},
    {"HMAC_SECRET", Held::Key},
    {"JWT_KEY", Held::Key},
    {"JWT_SECRET", Held::Key},
    {"LICENSE_KEY", Held::Key},
    {"MASTERKEY", Held::Key, true},
    {"MASTER_KEY", Held::Key},
    {"NEXTAUTH_SECRET", Held::Key},
    {"OAUTH_SECRET", Held::Key},
    {"OAUTH_TOKEN", Held::Key},
    {"PASS", Held::Password},
    {"PASSCODE", Held::Password},
    {"PASSPHRASE", Held::Password, true},
    {"PASSWD", Held::Password, true},
    {"PASSWORD", Held::Password, true},
    {"PASSWORDS", Held::Password, true},
    {"PAT", Held::Perhaps},
    {"PERSONAL_TOKEN", Held::Key},
    {"PRIVATE_KEY", Held::Key},
    {"PRIVATE_TOKEN", Held::Key},
    {"PUBLISH_TOKEN", Held::Key},
    {"PW", Held::Password},
    {"PWD", Held::Password},
    {"REFRESH_SECRET", Held::Key},
    {"REFRESH_TOKEN", Held::Key},
    {"REFRESH_TOKEN_SECRET", Held::Key},
    {"REGISTRATION_TOKEN", Held::Key},
    {"REGISTRY_TOKEN", Held::Key},
    {"RPC_SECRET", Held::Key},
    {"RUNNER_TOKEN", Held::Key},
    {"SALT", Held::Key},
    {"SALT_KEY", Held::Key},
    {"SAS_TOKEN", Held::Key},
    {"SDK_KEY", Held::Key},
    {"SECRET", Held::Perhaps},
    {"SECRETACCESSKEY", Held::Key, true},
    {"SECRET_ACCESS_KEY", Held::Key},
    {"SECRET_KEY", Held::Key},
    {"SECRET_KEY_BASE", Held::Key, true},
    {"SECRET_TOKEN", Held::Key},
    {"SECURITY_TOKEN", Held::Key},
    {"SERVICE_ROLE_KEY", Held::Key},
    {"SESSIONSECRET", Held::Key, true},
    {"SESSION_SECRET", Held::Key},
    {"SESSION_TOKEN", Held::Key},
    {"SETUP_KEY", Held::Key},
    {"SIGNING_KEY", Held::Key},
    {"SIGNING_SECRET", Held::Key},
    {"SUBSCRIPTION_KEY", Held::Key},
    {"TOKEN", Held::Perhaps},
    {"USER_TOKEN", Held::Key},
    {"WEBHOOK_SECRET", Held::Key},
    {"WRITEKEY", Held::Key, true},
});

// For each character: the lengths of the documented names that begin (or end) with it. Each length is one
// bit.
using Lengths = std::array<std::uint64_t, 256>;
constexpr Lengths lengthsBy(char (*character)(std::string_view)) {
  Lengths out{};
  for (const std::string_view name : kDocumented)
    out[static_cast<unsigned char>(character(name))] |= std::uint64_t{1} << name.size();
  return out;
}
constexpr Lengths kByFirst = lengthsBy([](std::string_view name) { return name.front(); });
constexpr Lengths kByLast = lengthsBy([](std::string_view name) { return name.back(); });

constexpr char upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

// Returns false if no documented name has this length, first and last character. Excludes nearly all other
// names.
bool mayBeDocumented(std::string_view name) {
  if (name.empty() || name.size() >= 64) return false;
  const std::uint64_t lengths = kByFirst[static_cast<unsigned char>(upper(name.front()))] &
                                kByLast[static_cast<unsigned char>(upper(name.back()))];
  return (lengths >> name.size() & 1) != 0;
}

// Returns the character as in the result of inCapitals().
constexpr char capital(char c) { return c == '-' || c == '.' ? '_' : upper(c); }

// Returns a number for the last two characters of a name, in any case. The name must have two.
constexpr size_t lastPair(std::string_view name) {
  const auto letter = [](char c) { return static_cast<size_t>(upper(c)) & 31; };
  return letter(name[name.size() - 2]) * 32 + letter(name.back());
}

constexpr size_t pairOf(const Ending& ending) { return lastPair(ending.text); }

constexpr auto kByLastPair = [] {
  auto out = kEndings;
  std::ranges::sort(out, {}, pairOf);
  return out;
}();

bool endsWith(std::string_view name, std::string_view ending) {
  return name.size() >= ending.size() &&
         std::ranges::equal(name.substr(name.size() - ending.size()), ending, {}, capital);
}

// Returns the longest ending of the name; null if it has none. The name must have at least two characters.
const Ending* endingOf(std::string_view name) {
  const Ending* best = nullptr;
  for (const Ending& ending : std::ranges::equal_range(kByLastPair, lastPair(name), {}, pairOf)) {
    if ((best != nullptr && best->text.size() > ending.text.size()) || !endsWith(name, ending.text)) continue;
    const size_t before = name.size() - ending.text.size();
    if (ending.glued || before == 0 || capital(name[before - 1]) == '_') best = &ending;
  }
  return best;
}

}  // namespace

std::string inCapitals(std::string_view name) {
  name.remove_prefix(std::min(name.find_first_not_of('-'), name.size()));
  std::string out(name);
  for (char& c : out) c = capital(c);
  return out;
}

NameMeaning meaningOf(std::string_view name) {
  // Terraform's name for the token of a host, whose name follows.
  if (name.starts_with("TF_TOKEN_")) return {Held::Key, true};
  name.remove_prefix(std::min(name.find_first_not_of('-'), name.size()));
  while (!name.empty() && ((name.back() >= '0' && name.back() <= '9') || name.back() == '_'))
    name.remove_suffix(1);  // OPENAI_API_KEY_2
  if (name.size() < 2) return {};
  const Ending* const best = endingOf(name);
  if (best == nullptr && !mayBeDocumented(name)) return {};
  const std::string capitals = inCapitals(name);
  if (std::ranges::binary_search(kDocumented, capitals))
    return {best != nullptr && best->held == Held::Password ? Held::Password : Held::Key, true};
  if (best == nullptr || isPublicName(capitals)) return {};
  return {best->held, false};
}

std::span<const std::string_view> documentedNames() { return kDocumented; }

}  // namespace errand::rules
