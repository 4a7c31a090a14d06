// The hot path: an event is written into a kept string and read into a kept value without any
// allocation.
#include <gtest/gtest.h>

#include <cstdlib>
#include <new>

#include "tests/schema/padded.hpp"

namespace {
std::size_t allocations = 0;

void* counted(std::size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size == 0 ? 1 : size)) return memory;
  throw std::bad_alloc();
}
}  // namespace

void* operator new(std::size_t size) { return counted(size); }
void* operator new[](std::size_t size) { return counted(size); }
void* operator new(std::size_t size, const std::nothrow_t&) noexcept { return counted(size); }
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept { return counted(size); }
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }

namespace boxoffice::schema {
namespace {

/// A claim in a pool of that name.
std::string claim(std::string_view pool) {
  std::string text =
      R"({"specversion":"1.0","id":"3-1842","source":"boxoffice:k3v9q2m7x1ab",)"
      R"("type":"boxoffice.TicketClaimed","subject":"QUJDREVGR0hJSktMTU5PUA",)"
      R"("time":"2027-01-16T19:00:00.000Z","dataschema":"urn:boxoffice:TicketClaimed:1",)"
      R"("sequence":"0000000000001842","received":"2027-01-16T18:59:59.998Z",)"
      R"("causationid":"QUJDREVGR0hJSktMTU5PUA.AAAAAAAAAAA","correlationid":"req-42",)"
      R"("actor":"anonymous","prevhash":"",)"
      R"("data":{"claim":"QUJDREVGR0hJSktMTU5PUA","person":"QUJDREVGR0hJSktMTU5PUA",)"
      R"("ip":"QUJDREVGR0hJSktMTU5PUA","ticket":"QUJDREVGR0hJSktMTU5PUA",)"
      R"("pool":")";
  text += pool;
  text += R"(","number":17,"expires_at":"2027-01-16T19:05:00.000Z",)"
          R"("address":"s1.AAAAAAAAAAA.QUJDREVGR0hJSktMTU5PUAQUJDREVGR0hJSktMTU5PUA"}})";
  return text;
}

void expect_no_allocation_for(const std::string& claim) {
  const schema_test::Padded text(claim);
  Reader reader;
  Envelope envelope;
  Event event;
  std::string written;
  const auto read_and_write = [&] {
    written.clear();
    if (!reader.event(text, envelope, event)) return false;
    write_event(written, envelope, event);
    return written == claim;
  };
  const std::size_t at_first = allocations;
  ASSERT_TRUE(read_and_write());
  ASSERT_GT(allocations, at_first) << "the count must count";

  const std::size_t before = allocations;
  bool right = true;
  for (int i = 0; i < 100; ++i) right = read_and_write() && right;
  const std::size_t after = allocations;
  EXPECT_TRUE(right);
  EXPECT_EQ(after, before);
}

TEST(TicketClaimed, IsReadAndWrittenWithoutAllocation) {
  expect_no_allocation_for(claim("a pool of some length"));
}

TEST(TicketClaimed, IsReadAndWrittenWithoutAllocationWhereATextHasEscapes) {
  expect_no_allocation_for(claim(R"(a \"quoted\" pool of some length)"));
}

}  // namespace
}  // namespace boxoffice::schema
