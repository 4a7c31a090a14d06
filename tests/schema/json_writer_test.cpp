#include "events-schema/json_writer.hpp"

#include <gtest/gtest.h>

namespace boxoffice::schema {
namespace {

using namespace std::string_view_literals;

std::string written(std::string_view text) {
  std::string out;
  write_json(out, text);
  return out;
}

TEST(JsonText, UsesTheShortestEscapes) {
  EXPECT_EQ(written("plain / ü 東 🎟 \x7f"), "\"plain / ü 東 🎟 \x7f\"");
  EXPECT_EQ(written("\"\\\b\f\n\r\t"), R"("\"\\\b\f\n\r\t")");
  EXPECT_EQ(written("\0\x1f"sv), R"("\u0000\u001f")");
}

TEST(JsonWriter, PutsCommasWhereTheyBelong) {
  std::string out = "before:";
  JsonWriter json(out);
  json.begin_object().member("a", 1).key("b").begin_array();
  json.value("x,{").value(true).null().begin_object().end_object();
  json.begin_array().end_array().end_array();
  json.member("c", std::uint32_t{7}).key("d").raw("{}").member("e", Instant{}).end_object();
  EXPECT_EQ(out, R"(before:{"a":1,"b":["x,{",true,null,{},[]],"c":7,"d":{},)"
                 R"("e":"1970-01-01T00:00:00.000Z"})");
}

}  // namespace
}  // namespace boxoffice::schema
