#include "core/api/taskgrant.hpp"

#include "core/api/table/codec.hpp"
#include "core/api/table/grantstatus.hpp"
#include "core/base/crypto.hpp"

namespace errand::api {

std::string_view toString(WorkloadKind kind) { return nameOf(kind); }
std::string_view toString(Phase phase) { return nameOf(phase); }

std::string leaseCopyName(std::string_view uid, std::string_view secret) {
  return grantAccountName(uid) + "." + sha256Hex("Secret/" + std::string(secret)).substr(0, 10);
}

ERRAND_DECODES(TaskGrant)

nlohmann::json encode(const TaskGrant& grant) { return writeFields(grant); }
nlohmann::json encode(const TaskGrantSpec& spec) { return writeFields(spec); }
nlohmann::json encode(const TaskGrantStatus& status) { return writeFields(status); }
nlohmann::json encode(const TaskGrantStatus::Effective& effective) { return writeFields(effective); }

nlohmann::json encode(const std::vector<Credential>& credentials) { return table::writeValue(credentials); }

Result<std::vector<Credential>> decodeCredentials(std::string_view text) {
  const auto document = JsonDocument::parse(text);
  if (!document) return std::unexpected(document.error());
  std::vector<Credential> out;
  JsonNode::Failure failure;
  table::readValue(JsonNode(*document, failure), out);
  if (!failure.message.empty()) return fail(ErrorKind::Invalid, "credentials: " + failure.message);
  return out;
}

}  // namespace errand::api
