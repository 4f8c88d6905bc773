// The C++ types against the schema in crds/: an object in which every field of
// the schema is set, decoded and encoded again, is the same object.
#include <gtest/gtest.h>
#include <yaml-cpp/yaml.h>

#include <nlohmann/json.hpp>

#include "core/api/agentidentity.hpp"
#include "core/api/exemption.hpp"
#include "core/api/packed/packed.hpp"
#include "core/api/taskgrant.hpp"

namespace errand::api {
namespace {

using nlohmann::json;

// A value that differs from field to field, so that a swap of two fields shows.
json sample(const YAML::Node& schema, const std::string& path) {
  const auto type = schema["type"].as<std::string>();
  if (schema["enum"]) return schema["enum"][schema["enum"].size() - 1].as<std::string>();
  const size_t n = std::hash<std::string>{}(path) % 1000;
  if (type == "string") {
    if (schema["format"] && schema["format"].as<std::string>() == "date-time")
      return "2026-11-24T11:" + std::to_string(10 + n % 50) + ":" + std::to_string(10 + n / 50) + "Z";
    const bool duration = path.ends_with("uration");
    return duration ? std::to_string(1 + n % 59) + "m"
                    : "v" + path.substr(path.rfind('.') + 1) + std::to_string(n);
  }
  if (type == "integer") return n + 1;
  if (type == "boolean") return true;
  if (type == "array")
    return json::array({sample(schema["items"], path + "[0]"), sample(schema["items"], path + "[1]")});
  json out = json::object();
  if (schema["additionalProperties"])
    out["key" + std::to_string(n)] = sample(schema["additionalProperties"], path + ".key");
  for (const auto& property : schema["properties"]) {
    const auto name = property.first.as<std::string>();
    out[name] = sample(property.second, path + "." + name);
  }
  return out;
}

json maximal(const std::string& file) {
  const YAML::Node crd = YAML::LoadFile(std::string(ERRAND_SOURCE_DIR) + "/crds/" + file);
  const YAML::Node version = crd["spec"]["versions"][0];
  const YAML::Node properties = version["schema"]["openAPIV3Schema"]["properties"];
  json object = {{"apiVersion", "errand.dev/" + version["name"].as<std::string>()},
                 {"kind", crd["spec"]["names"]["kind"].as<std::string>()},
                 {"metadata",
                  {{"name", "maximal"},
                   {"namespace", "agents"},
                   {"uid", "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9"},
                   {"resourceVersion", "42"},
                   {"generation", 7},
                   {"creationTimestamp", "2026-11-24T11:34:52Z"},
                   {"deletionTimestamp", "2026-11-24T12:34:52Z"},
                   {"labels", {{"a", "b"}}},
                   {"annotations", {{"c", "d"}}},
                   {"finalizers", {"errand.dev/revoke"}}}}};
  object["spec"] = sample(properties["spec"], "spec");
  if (properties["status"]) object["status"] = sample(properties["status"], "status");
  return object;
}

template <class T>
void roundTrip(const std::string& file) {
  const json object = maximal(file);
  const Result<T> decoded = decode<T>(object);
  ASSERT_TRUE(decoded.has_value()) << decoded.error().message;
  EXPECT_EQ(encode(*decoded), object) << json::diff(object, encode(*decoded)).dump(2);
  EXPECT_EQ(unpack<T>(pack(*decoded)), *decoded) << "and the packed form leaves none out";
}

TEST(RoundTrip, AgentIdentityHasEveryFieldOfTheSchema) {
  roundTrip<AgentIdentity>("errand.dev_agentidentities.yaml");
}

TEST(RoundTrip, ExemptionHasEveryFieldOfTheSchema) { roundTrip<Exemption>("errand.dev_exemptions.yaml"); }

TEST(RoundTrip, TaskGrantHasEveryFieldOfTheSchema) { roundTrip<TaskGrant>("errand.dev_taskgrants.yaml"); }

}  // namespace
}  // namespace errand::api
