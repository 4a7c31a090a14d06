#include "projections/page_cursor.hpp"

#include <gtest/gtest.h>

#include "projections/audit/trail_cursor.hpp"

namespace boxoffice::projections {
namespace {

const ListName kKeys{ListKind::keys, 7};

TEST(PageCursor, GivesBackThePlace) {
  const std::string place("\x01\x00\xff place", 9);
  EXPECT_EQ(place_from(kKeys, page_cursor(kKeys, place)), place);
}

TEST(PageCursor, HasUrlSafeCharactersOnly) {
  std::string place;
  for (int byte = 0; byte < 80; ++byte) place += static_cast<char>(byte * 7);
  const std::string cursor = page_cursor(kKeys, place);
  EXPECT_EQ(cursor.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                     "0123456789-_"),
            std::string::npos);
}

TEST(PageCursor, BelongsToOneList) {
  const std::string cursor = page_cursor(kKeys, "place");
  EXPECT_EQ(place_from({ListKind::keys, 8}, cursor), std::nullopt);
  EXPECT_EQ(place_from({ListKind::audit, 7}, cursor), std::nullopt);
}

TEST(PageCursor, IsNoneWhereItsVersionIsAnother) {
  std::string cursor = page_cursor(kKeys, "place");
  cursor[1] = cursor[1] == 'A' ? 'B' : 'A';
  EXPECT_EQ(place_from(kKeys, cursor), std::nullopt);
}

TEST(PageCursor, IsNoneWhereItIsNonsense) {
  for (const char* text : {"", "A", "AQ", "****", "AQIAAAAAAAAABw==", "AQIAAAAAAAAABg"})
    EXPECT_EQ(place_from(kKeys, text), std::nullopt) << text;
  EXPECT_EQ(place_from(kKeys, std::string(1000, 'A')), std::nullopt);
}

TEST(TrailCursor, IsCheckedForItsPlaceToo) {
  const AuditFilter filter{.type = "TicketClaimed"};
  const auto cursor = [&](std::string_view place) {
    return page_cursor(trail_list(filter), place);
  };
  const std::string first("\x00\x03\x00\x00\x00\x00\x00\x00\x00\x01", 10);
  EXPECT_EQ(trail_place(filter, cursor(first), 4), (Position{{3}, {1}}));
  EXPECT_EQ(trail_place(filter, cursor(first), 3), std::nullopt) << "no such partition";
  EXPECT_EQ(trail_place(filter, cursor(first + "x"), 4), std::nullopt);
  EXPECT_EQ(trail_place(filter, cursor(first.substr(1)), 4), std::nullopt);
  EXPECT_EQ(trail_place(filter, cursor(std::string(10, '\0')), 4), std::nullopt);
  EXPECT_EQ(trail_place({}, cursor(first), 4), std::nullopt) << "another filter";
  EXPECT_EQ(trail_place({.type = "boxoffice.TicketClaimed"}, cursor(first), 4),
            (Position{{3}, {1}}))
      << "the same filter, said otherwise";
}

}  // namespace
}  // namespace boxoffice::projections
