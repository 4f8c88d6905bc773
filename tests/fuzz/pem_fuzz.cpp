// Feeds what loads certificates: text before the mark "%%" is the chain and the
// bundle, text after it the key.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "core/serve/tls.hpp"
#include "operator/certificates/x509.hpp"

using namespace errand;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::size_t mark = text.find("%%");
  const std::string_view chain = text.substr(0, mark);
  const Sensitive key(mark == std::string_view::npos ? std::string() : std::string(text.substr(mark + 2)));
  const auto made = serve::makeCertificate(chain, key);
  const auto info = certificates::read(chain);
  if (made && !info) std::abort();  // the operator would take for damaged what the webhook serves
  if (made && !certificates::belongs(chain, key)) std::abort();
  (void)serve::verifyChain(chain, chain, Time{});
  (void)certificates::signedBy(chain, chain);
  return 0;
}
