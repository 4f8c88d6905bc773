// Language-model vendors: OpenAI and Anthropic.
#include "webhook/literals/format.hpp"

namespace errand::webhook {

std::span<const Format> modelFormats() {
  static const std::vector<Format> formats = {
      {.id = "openai-key",
       .issuer = "OpenAI",
       .what = "API key",
       .pattern = R"(\b(sk-[0-9A-Za-z]{48})\b)",
       .found = {"sk-<b62*20>T3BlbkFJ<b62*20>", "OPENAI_API_KEY=sk-<b62*48>"},
       .passed = {"sk-<b62*20>", "sk-your-openai-api-key",
                  "sk-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", "risk-<b62*48>x"}},
      {.id = "openai-project-key",
       .issuer = "OpenAI",
       .what = "API key",
       .pattern =
           R"(\b(sk-(?:proj|svcacct|service|admin)-[0-9A-Za-z_-]{20,100}T3BlbkFJ[0-9A-Za-z_-]{20,100}))",
       .found = {"sk-proj-<url*74>T3BlbkFJ<url*74>", "sk-svcacct-<url*58>T3BlbkFJ<url*58>",
                 "sk-admin-<url*58>T3BlbkFJ<url*58>", "sk-proj-<url*20>T3BlbkFJ<url*20>"},
       .passed = {"sk-proj-<url*40>", "sk-proj-your-key-here",
                  "sk-proj-xxxxxxxxxxxxxxxxxxxxT3BlbkFJxxxxxxxxxxxxxxxxxxxx"}},
      {.id = "anthropic-key",
       .issuer = "Anthropic",
       .what = "API key",
       .pattern = R"(\b(sk-ant-[a-z]{2,8}[0-9]{2}-[0-9A-Za-z_-]{80,120}))",
       .found = {"sk-ant-api03-<url*93>AA", "ANTHROPIC_API_KEY=sk-ant-api03-<url*93>AA",
                 "sk-ant-admin01-<url*93>AA"},
       .passed =
           {"sk-ant-api03-<url*20>", "sk-ant-your-key",
            "sk-ant-api03-"
            "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"}},
  };
  return formats;
}

}  // namespace errand::webhook
