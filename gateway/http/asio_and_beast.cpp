// The compiled parts of Asio and Beast, for the whole program: nobody else may include these two
// files.
#include <boost/asio/impl/src.hpp>
#include <boost/beast/src.hpp>
