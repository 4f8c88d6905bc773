// The webhook's server with a handler that answers a constant: what serve.py
// compares a review with. Prints its address; ends with standard input.
#include <cstdio>
#include <string>

#include "core/serve/server.hpp"

int main(int argc, char** argv) {
  using namespace errand::serve;
  if (argc != 3) return std::fputs("usage: serve-constant CERTIFICATE KEY\n", stderr), 2;
  Options options;
  options.name = "constant";
  options.tls = CertificateFiles{argv[1], argv[2]};
  const auto server = Server::start(
      options,
      Routes({{"POST", "/validate", "application/json", [](const Request&, std::chrono::milliseconds) {
                 return Response{200, R"({"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview",)"
                                      R"("response":{"allowed":true,"uid":"r-1"}})"};
               }}}));
  if (!server) return std::fprintf(stderr, "%s\n", server.error().message.c_str()), 1;
  std::printf("%s\n", (*server)->address().c_str());
  std::fflush(stdout);
  while (std::getchar() != EOF) {
  }
  return 0;
}
