#include "core/serve/listener.hpp"

#include <gmock/gmock.h>

namespace errand::serve {
namespace {

using testing::HasSubstr;

TEST(Address, ReadsBothFamilies) {
  EXPECT_EQ(*parseAddress("0.0.0.0:9443"), (Address{"0.0.0.0", 9443, false}));
  EXPECT_EQ(*parseAddress("127.0.0.1:0"), (Address{"127.0.0.1", 0, false}));
  EXPECT_EQ(*parseAddress("[::1]:65535"), (Address{"::1", 65535, true}));
  EXPECT_EQ(*parseAddress("[::]:8081"), (Address{"::", 8081, true}));
}

TEST(Address, WritesWhatItReads) {
  for (const char* text : {"0.0.0.0:9443", "[::1]:8081"}) EXPECT_EQ(formatAddress(*parseAddress(text)), text);
}

TEST(Address, RefusesAllElseWithTheWayOut) {
  for (const char* text : {"", "9443", ":9443", "localhost:9443", "::1:9443", "[::1]", "[127.0.0.1]:1",
                           "[::1:1", "0.0.0.0:", "0.0.0.0:65536", "0.0.0.0:-1", "0.0.0.0:+1", "0.0.0.0: 1",
                           "0.0.0.0:1x", "1.2.3:1", "127.0.0.1.example.com:1"}) {
    const Result<Address> address = parseAddress(text);
    ASSERT_FALSE(address) << text;
    EXPECT_EQ(address.error().kind, ErrorKind::Invalid);
    EXPECT_THAT(address.error().message, HasSubstr("write it as 0.0.0.0:9443 or [::1]:9443"));
  }
}

TEST(Listener, TellsThePortThatTheKernelChose) {
  Result<Listener> listener = Listener::open(*parseAddress("127.0.0.1:0"));
  ASSERT_TRUE(listener) << listener.error().message;
  EXPECT_NE(listener->address().port, 0);
}

TEST(Listener, TakenAddressIsUnavailable) {
  Result<Listener> first = Listener::open(*parseAddress("127.0.0.1:0"));
  ASSERT_TRUE(first) << first.error().message;
  const Result<Listener> second = Listener::open(first->address());
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().kind, ErrorKind::Unavailable);
  EXPECT_THAT(second.error().message, HasSubstr(formatAddress(first->address())));
}

TEST(Listener, WakeEndsAWaitWithoutLimit) {
  Result<Listener> listener = Listener::open(*parseAddress("127.0.0.1:0"));
  ASSERT_TRUE(listener) << listener.error().message;
  listener->wake();
  const Result<Accepted> none = listener->accept(std::chrono::milliseconds(-1));
  ASSERT_TRUE(none);
  EXPECT_FALSE(none->descriptor);
}

TEST(Source, OfIPv6IsTheAddressWithinItsNetwork) {
  const std::string network("\x20\x01\x0d\xb8\0\0\0\1", 8), host("\0\0\0\0\0\0\0\2", 8);
  EXPECT_EQ(sourceOfV6(network + host), (Source{network + host, network}));
}

TEST(Source, OfAMappedIPv4IsThatAddress) {
  const std::string v4("\x0a\0\0\1", 4);
  EXPECT_EQ(sourceOfV6(std::string(10, '\0') + "\xff\xff" + v4), (Source{v4, v4}));
}

}  // namespace
}  // namespace errand::serve
