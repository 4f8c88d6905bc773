#include "rules/inject/patch.hpp"

#include <nlohmann/json.hpp>

namespace errand::rules {

std::string jsonString(std::string_view text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string toJson(const Patch& patch) {
  std::string out = "[";
  for (const PatchOp& op : patch) {
    if (out.size() > 1) out += ',';
    out += R"({"op":)" + jsonString(op.op) + R"(,"path":)" + jsonString(op.path);
    if (!op.value.empty()) out += R"(,"value":)" + op.value;
    out += '}';
  }
  return out += ']';
}

void append(Patch& patch, const std::string& path, const std::string& value, bool& exists) {
  if (exists)
    patch.emplace_back("add", path + "/-", value);
  else
    patch.emplace_back("add", path, "[" + value + "]");
  exists = true;
}

std::string pathOf(const Container& container) {
  switch (container.role) {
    case ContainerRole::Container:
      return "/spec/containers/" + std::to_string(container.index);
    case ContainerRole::Init:
      return "/spec/initContainers/" + std::to_string(container.index);
    case ContainerRole::Ephemeral:
      return "/spec/ephemeralContainers/" + std::to_string(container.index);
  }
  return {};
}

}  // namespace errand::rules
