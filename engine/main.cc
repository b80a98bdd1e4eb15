#include "engine/command/command.h"
#include "engine/plugs.h"

int main(int count, char** words) { return tombolo::command(count, words, tombolo::stock); }
