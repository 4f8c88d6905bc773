// Feeds the HTTP reader: whatever the bytes and however they are cut, it takes
// no more than it was given, keeps its bounds and comes to the same result.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "core/serve/http/reader.hpp"
#include "core/serve/http/writer.hpp"

using errand::serve::RequestReader;

namespace {

constexpr std::size_t kHeader = 512, kBody = 256;

void check(bool fine) {
  if (!fine) std::abort();
}

RequestReader readInSteps(std::string_view bytes, std::size_t step) {
  RequestReader reader(kHeader, kBody);
  std::string pending;
  while (!bytes.empty()) {
    pending += bytes.substr(0, step);
    bytes.remove_prefix(std::min(step, bytes.size()));
    std::size_t used = 0;
    do {
      used = reader.feed(pending);
      check(used <= pending.size());
      pending.erase(0, used);
    } while (used > 0 && !pending.empty());
    check(reader.stage() == RequestReader::Stage::Whole || reader.stage() == RequestReader::Stage::Refused ||
          pending.size() <= kHeader);
  }
  return reader;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const RequestReader whole = readInSteps(bytes, bytes.size() + 1),
                      cut = readInSteps(bytes, data[0] % 17 + 1);
  using Stage = RequestReader::Stage;
  if (whole.stage() == Stage::Refused) check(!serialize(whole.refusal().response, false, false).empty());
  if (whole.stage() != Stage::Whole) return 0;
  check(whole.bodySize() <= kBody);
  check(cut.stage() == Stage::Whole);
  check(cut.request().body == whole.request().body && cut.request().path == whole.request().path);
  check(cut.keepAlive() == whole.keepAlive() && cut.expectsContinue() == whole.expectsContinue());
  return 0;
}
