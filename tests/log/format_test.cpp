#include "event-log/embedded/format.hpp"

#include <gtest/gtest.h>

#include "event-log/embedded/crc32c.hpp"

namespace boxoffice::event_log::embedded {
namespace {

TEST(Crc32c, IsThatOfTheStandard) {
  // RFC 3720, appendix B.4, and the usual check value.
  EXPECT_EQ(crc32c(std::string(32, '\0')), 0x8a9136aau);
  EXPECT_EQ(crc32c(std::string(32, '\xff')), 0x62a8ab43u);
  EXPECT_EQ(crc32c("123456789"), 0xe3069283u);
  EXPECT_EQ(crc32c("6789", crc32c("12345")), 0xe3069283u);
}

TEST(Frame, IsReadAsItWasWritten) {
  Batch batch;
  batch.events.resize(2);
  for (std::uint64_t i = 0; i < 2; ++i) {
    batch.events[i].topic = Topic::claims;
    batch.events[i].envelope.position = {{5}, {41 + i}};
    batch.events[i].value = "value " + std::to_string(i);
  }
  batch.keys = {{{5}, "person/a", "wrapped"}, {{6}, "person/b", ""}};
  std::string bytes;
  FramePlaces written;
  encode_frame(batch, 7, 99, bytes, written);
  ASSERT_EQ(bytes.size(), frame_bytes(batch));

  EXPECT_FALSE(decode_frame_header(bytes, 98)) << "another salt";
  const auto header = decode_frame_header(bytes, 99);
  ASSERT_TRUE(header);
  EXPECT_EQ(header->number, 7u);
  FramePlaces read;
  ASSERT_TRUE(decode_frame_body(*header, std::string_view(bytes).substr(kFrameHeaderBytes), read));
  ASSERT_EQ(read.events.size(), 2u);
  ASSERT_EQ(read.keys.size(), 2u);
  const auto event = decode_event(std::string_view(bytes).substr(read.events[1].offset));
  ASSERT_TRUE(event);
  EXPECT_EQ(event->topic, Topic::claims);
  EXPECT_EQ(event->position, (Position{{5}, {42}}));
  EXPECT_EQ(event->value, "value 1");
  const auto key = decode_key(std::string_view(bytes).substr(read.keys[0].offset));
  ASSERT_TRUE(key);
  EXPECT_EQ(key->name, "person/a");
  EXPECT_EQ(key->value, "wrapped");
  EXPECT_TRUE(key->value_is_whole);
  EXPECT_FALSE(read.keys[0].destroys);
  EXPECT_TRUE(read.keys[1].destroys);
}

}  // namespace
}  // namespace boxoffice::event_log::embedded
