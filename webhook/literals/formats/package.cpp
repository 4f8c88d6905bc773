// Registries of packages and images: the prefixes that each documents for its tokens.
#include "webhook/literals/format.hpp"

namespace errand::webhook {

std::span<const Format> packageFormats() {
  static const std::vector<Format> formats = {
      {.id = "npm-token",
       .issuer = "npm",
       .what = "access token",
       .pattern = R"(\b(npm_[0-9A-Za-z]{36})(?:[^0-9A-Za-z_-]|$))",
       .found = {"npm_<b62*36>", "NPM_TOKEN=npm_<b62*36>"},
       .passed = {"npm_<b62*10>", "npm_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
                  "npm_config_registry_of_the_whole_company"}},
      {.id = "pypi-token",
       .issuer = "PyPI",
       .what = "upload token",
       .pattern = R"(\b(pypi-AgE(?:IcHlwaS5vcmc|NdGVzdC5weXBpLm9yZw)[0-9A-Za-z_-]{50,})(?:[^0-9A-Za-z_-]|$))",
       .found = {"pypi-AgEIcHlwaS5vcmc<url*120>", "pypi-AgEIcHlwaS5vcmc<url*1500>",
                 "TWINE_PASSWORD=pypi-AgEIcHlwaS5vcmc<url*120>"},
       .passed = {"pypi-AgEIcHlwaS5vcmc<url*10>",
                  "pypi-"
                  "AgEIcHlwaS5vcmcxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
                  "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"}},
      {.id = "rubygems-key",
       .issuer = "RubyGems",
       .what = "API key",
       .pattern = R"(\b(rubygems_[0-9a-f]{48})(?:[^0-9A-Za-z_-]|$))",
       .found = {"rubygems_<hex*48>", "GEM_HOST_API_KEY=rubygems_<hex*48>"},
       .passed = {"rubygems_<hex*12>", "rubygems_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"}},
      {.id = "crates-token",
       .issuer = "crates.io",
       .what = "API token",
       .pattern = R"(\b(cio[0-9A-Za-z]{32})(?:[^0-9A-Za-z_-]|$))",
       .found = {"cio<b62*32>", "CARGO_REGISTRY_TOKEN=cio<b62*32>"},
       .passed = {"cio<b62*8>", "cioxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"}},
      {.id = "nuget-key",
       .issuer = "NuGet",
       .what = "API key",
       .pattern = R"(\b(oy2[a-z0-9]{43})(?:[^0-9A-Za-z_-]|$))",
       .found = {"oy2<low*43>", "NUGET_API_KEY=oy2<low*43>"},
       .passed = {"oy2<low*12>", "oy2xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"}},
      {.id = "docker-token",
       .issuer = "Docker Hub",
       .what = "access token",
       .pattern = R"(\b(dckr_[po]at_[0-9A-Za-z_-]{27,32})(?:[^0-9A-Za-z_-]|$))",
       .found = {"dckr_pat_<url*27>", "DOCKER_PASSWORD=dckr_pat_<url*27>"},
       .passed = {"dckr_pat_<url*8>", "dckr_pat_xxxxxxxxxxxxxxxxxxxxxxxxxxx"}},
      {.id = "clojars-token",
       .issuer = "Clojars",
       .what = "deploy token",
       .pattern = R"(\b(CLOJARS_[0-9a-z]{60})(?:[^0-9A-Za-z_-]|$))",
       .found = {"CLOJARS_<low*60>", "CLOJARS_PASSWORD=CLOJARS_<low*60>"},
       .passed = {"CLOJARS_<low*12>",
                  "CLOJARS_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"}},
      {.id = "artifactory-key",
       .issuer = "JFrog",
       .what = "API key",
       .pattern = R"(\b(AKCp[0-9A-Za-z]{69})(?:[^0-9A-Za-z_-]|$))",
       .found = {"AKCp<b62*69>", "JFROG_API_KEY=AKCp<b62*69>"},
       .passed = {"AKCp<b62*12>",
                  "AKCpxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"}},
  };
  return formats;
}

}  // namespace errand::webhook
