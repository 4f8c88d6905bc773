// Feeds the strict reader and the decoders of what an API server sends: an object or an error for any bytes.
// A packed object is the same when unpacked, and canonical text is what nlohmann prints.
#include <cstdint>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "core/api/objects.hpp"
#include "core/api/packed/packed.hpp"
#include "core/api/taskgrant.hpp"
#include "core/json/node.hpp"
#include "core/json/value.hpp"

using namespace errand;

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

template <class T>
void decodes(std::string_view text) {
  const auto object = api::decodeText<T>(text);
  require(object || !object.error().message.empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  decodes<api::AgentIdentity>(text);
  decodes<api::Pod>(text);
  decodes<api::Job>(text);
  decodes<api::Role>(text);
  if (const auto grant = api::decodeText<api::TaskGrant>(text))
    require(api::unpack<api::TaskGrant>(api::pack(*grant)) == *grant);
  const auto document = JsonDocument::parse(text);
  const auto value = parseJson(text);
  require(document.has_value() == value.has_value());
  if (!document) return 0;
  JsonNode::Failure failure;
  std::string canonical;
  printSorted(canonical, JsonNode(*document, failure));
  require(canonical == printJson(*value));
  return 0;
}
