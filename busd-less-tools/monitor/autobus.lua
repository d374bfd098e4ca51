-- SPDX-License-Identifier: MIT
-- Autobus in Wireshark and tshark: discovery's datagrams, lines of JSON and frames, as docs/protocol.md has them.
--
-- It knows how they are written, and where a connection goes over from lines to frames. What JSON means, Wireshark's
-- own dissector shows below each message.

local PORT = 52722
local HEADER = 16
local MOST_PAYLOAD = 65536
local MOST_CREDIT = 2 ^ 53

local autobus = Proto("autobus", "Autobus")

local KINDS = {
    [0x01] = "call", [0x02] = "result", [0x03] = "error", [0x04] = "watch", [0x05] = "unwatch", [0x06] = "listen",
    [0x07] = "unlisten", [0x08] = "changed", [0x09] = "gone", [0x0a] = "fired", [0x0b] = "ping", [0x0c] = "pong",
    [0x0d] = "unbound", [0x0e] = "bind", [0x0f] = "bound", [0x10] = "open", [0x11] = "opened", [0x12] = "data",
    [0x13] = "blob", [0x14] = "credit", [0x15] = "end", [0x16] = "close", [0x17] = "unbind", [0x18] = "grant",
}
local CODES = {
    [0] = "none", "remote error", "not found", "in use", "invalid", "busy", "denied", "too large", "closed", "timeout",
    "failed", "ambiguous", "incompatible",
}
local TYPES = {"command", "response", "notification"}
-- What the payload of a frame consists of, one after the other; the last takes all that is left.
local PAYLOADS = {
    [0x01] = {"name", "json"}, [0x02] = {"json"}, [0x03] = {"code", "text"}, [0x04] = {"name"}, [0x05] = {"name"},
    [0x06] = {"name"}, [0x07] = {"name"}, [0x08] = {"name", "json"}, [0x09] = {"name"}, [0x0a] = {"name", "json"},
    [0x0b] = {}, [0x0c] = {}, [0x0d] = {"text"}, [0x0e] = {"credit", "name"}, [0x0f] = {},
    [0x10] = {"credit", "name", "json"}, [0x11] = {"credit"}, [0x12] = {"json"}, [0x13] = {"blob"}, [0x14] = {"credit"},
    [0x15] = {}, [0x16] = {"code", "text"}, [0x17] = {}, [0x18] = {"credit"},
}

local fields = {
    form = ProtoField.string("autobus.form", "Form"), -- datagram, line or frame
    command = ProtoField.string("autobus.command", "Command"),
    bus = ProtoField.string("autobus.bus", "Bus"),
    seq = ProtoField.uint64("autobus.seq", "Sequence number"),
    port = ProtoField.uint16("autobus.port", "TCP port"),
    count = ProtoField.uint32("autobus.count", "Services"),
    digest = ProtoField.string("autobus.digest", "Digest"),
    interval = ProtoField.uint32("autobus.interval", "Interval (ms)"),
    service = ProtoField.string("autobus.service", "Service"),
    about = ProtoField.string("autobus.about", "About"),
    message_type = ProtoField.uint8("autobus.type", "Type", base.DEC, TYPES),
    id = ProtoField.string("autobus.id", "Id"),
    name = ProtoField.string("autobus.name", "Name"),
    channel = ProtoField.uint64("autobus.channel", "Channel"),
    credit = ProtoField.uint64("autobus.credit", "Credit"),
    text = ProtoField.string("autobus.text", "Text"),
    json = ProtoField.string("autobus.json", "JSON"),
    blob = ProtoField.bytes("autobus.blob", "Bytes"),
    length = ProtoField.uint32("autobus.frame.length", "Length"),
    kind = ProtoField.uint8("autobus.frame.kind", "Kind", base.HEX, KINDS),
    flags = ProtoField.uint8("autobus.frame.flags", "Flags", base.HEX),
    goes_on = ProtoField.bool("autobus.frame.goes_on", "Goes on", 8, nil, 0x01),
    stream = ProtoField.bool("autobus.frame.stream", "Stream", 8, nil, 0x02),
    session = ProtoField.uint16("autobus.frame.session", "Session"),
    number = ProtoField.uint64("autobus.frame.number", "Number"),
    code = ProtoField.uint8("autobus.code", "Code", base.DEC, CODES),
}
for _, field in pairs(fields) do
    table.insert(autobus.fields, field)
end

local malformed = ProtoExpert.new("autobus.malformed", "Malformed", expert.group.MALFORMED, expert.severity.ERROR)
autobus.experts = {malformed}
local json = Dissector.get("json")
local tcp_stream = Field.new("tcp.stream")

-- For each connection the packet behind which there are only frames; found as the capture is read for the first time.
local frames_behind = {}

function autobus.init()
    frames_behind = {}
end

-- Behind the string that begins at `at`; nil if it does not end.
local function behind_string(text, at)
    at = at + 1
    while true do
        local stop = text:find('["\\]', at)
        if not stop then return nil end
        if text:sub(stop, stop) == '"' then return stop + 1 end
        at = stop + 2
    end
end

-- Behind the value that begins at `at`.
local function behind_value(text, at)
    local depth = 0
    while at and at <= #text do
        local stop = text:find('["{}%[%],]', at)
        if not stop then return #text + 1 end
        local sign = text:sub(stop, stop)
        if sign == '"' then
            at = behind_string(text, stop)
        elseif depth == 0 and (sign == "," or sign == "}" or sign == "]") then
            return stop
        else
            depth = depth + ((sign == "{" or sign == "[") and 1 or sign == "," and 0 or -1)
            at = stop + 1
        end
    end
    return at
end

-- The members of an object: {key = {first, last, value as it is written}}; nil if it is none.
local function members(text)
    local found = {}
    local at = text:match("^%s*{%s*()")
    while at and text:sub(at, at) == '"' do
        local behind = behind_string(text, at)
        local value = behind and text:match("^%s*:%s*()", behind)
        local stop = value and behind_value(text, value)
        if not stop then return nil end
        local written = text:sub(value, stop - 1):match("^(.-)%s*$")
        found[text:sub(at + 1, behind - 2)] = {value, value + #written - 1, written}
        at = text:match("^,%s*()", stop)
    end
    return at == nil and next(found) and found or nil
end

local ESCAPES = {b = "\b", f = "\f", n = "\n", r = "\r", t = "\t"}

-- A letter of UTF-16 in UTF-8; half a pair of them is no letter.
local function utf8_of(code)
    if code < 0x80 then return string.char(code) end
    if code < 0x800 then return string.char(0xc0 + math.floor(code / 64), 0x80 + code % 64) end
    if code >= 0xd800 and code < 0xe000 then return "\239\191\189" end
    return string.char(0xe0 + math.floor(code / 4096), 0x80 + math.floor(code / 64) % 64, 0x80 + code % 64)
end

-- A string as it reads; anything else as it is written.
local function unquoted(written)
    local inside = written:match('^"(.*)"$')
    return inside and inside:gsub("\\(.)(%x?%x?%x?%x?)", function(sign, digits)
        if sign == "u" and #digits == 4 then return utf8_of(tonumber(digits, 16)) end
        return (ESCAPES[sign] or sign) .. digits
    end) or written
end

-- How the value of a member becomes that of its field, by the word behind it in the lists of members.
local READ = {
    text = unquoted,
    number = function(written) return written:match("^%d+$") and tonumber(written) end,
    long = function(written)
        local number = written:match("^%d+$") and tonumber(written)
        return number and UInt64.new(number % 2 ^ 32, math.floor(number / 2 ^ 32))
    end,
}

-- Adds each member that is there as the field that stands for it.
local function add_members(tree, range, found, names)
    for _, name in ipairs(names) do
        local member = found[name[1]]
        if member then
            local value = READ[name[3]](member[3])
            if value then
                tree:add(name[2], range(member[1] - 1, #member[3]), value)
            else
                tree:add_proto_expert_info(malformed, name[1] .. " is no number")
            end
        end
    end
end

local function show_json(range, pinfo, tree)
    if range:len() > 0 then
        local columns = {protocol = tostring(pinfo.cols.protocol), info = tostring(pinfo.cols.info)}
        json:call(range:tvb(), pinfo, tree)
        pinfo.cols.protocol = columns.protocol
        pinfo.cols.info = columns.info
    end
end

local function add_info(pinfo, words)
    pinfo.cols.protocol = "Autobus"
    local before = tostring(pinfo.cols.info)
    pinfo.cols.info = pinfo.private["autobus_seen"] and before .. "; " .. words or words
    pinfo.private["autobus_seen"] = "yes"
end

local DATAGRAM_MEMBERS = {
    {"command", fields.command, "text"}, {"bus", fields.bus, "text"}, {"seq", fields.seq, "long"},
    {"port", fields.port, "number"}, {"count", fields.count, "number"}, {"digest", fields.digest, "text"},
    {"interval", fields.interval, "number"}, {"service", fields.service, "text"}, {"about", fields.about, "text"},
}

local function dissect_datagram(tvb, pinfo, root)
    local found = members(tvb:range():raw())
    local command = found and found.command and found.command[3]:match('^"(.*)"$')
    if not command then return 0 end
    local tree = root:add(autobus, tvb:range(), "Autobus datagram, " .. command)
    tree:add(fields.form, "datagram"):set_generated()
    add_members(tree, tvb:range(), found, DATAGRAM_MEMBERS)
    local whom = found.service or found.about
    local count = found.count and found.count[3]
    add_info(pinfo, command .. (whom and " " .. unquoted(whom[3]) or "") ..
        (count and " (" .. count .. (count == "1" and " service)" or " services)") or ""))
    show_json(tvb:range(), pinfo, tree)
    return tvb:len()
end

local LINE_MEMBERS = {
    {"_type", fields.message_type, "number"}, {"_id", fields.id, "text"}, {"_command", fields.command, "text"},
    {"service", fields.service, "text"}, {"name", fields.name, "text"}, {"bus", fields.bus, "text"},
    {"channel", fields.channel, "long"}, {"credit", fields.credit, "long"},
}

-- What a line is, for people.
local function title_of(found)
    local about = found.name or found.service and found.service[3] ~= "null" and found.service
    local what = found._command and unquoted(found._command[3]) or "command"
    if found._type[3] == "2" then
        local has_error = found._error and found._error[3] ~= "null"
        what = has_error and "error" or found.result and "result" or found.service and "bound" or "answer"
    end
    return what .. (about and " " .. unquoted(about[3]) or "")
end

local function dissect_line(range, pinfo, root)
    local found = members(range:raw())
    if not found or not found._type then
        root:add(autobus, range, "Autobus line"):add_proto_expert_info(malformed, "This is no message")
        return false
    end
    local title = title_of(found)
    local tree = root:add(autobus, range, "Autobus line, " .. title)
    tree:add(fields.form, "line"):set_generated()
    add_members(tree, range, found, LINE_MEMBERS)
    if found._error and found._error[3] ~= "null" then
        local failure = members(found._error[3])
        if failure and failure.text then
            tree:add(fields.text, range(found._error[1] - 1, #found._error[3]), unquoted(failure.text[3]))
        end
    end
    add_info(pinfo, title)
    show_json(range, pinfo, tree)
    return found._type[3] == "2" and not found._command and found.service and found.frames
end

-- Each takes its part off the front of `range` and returns the rest, or nil if it does not fit.
local parts = {}

function parts.name(range, tree)
    local length = range:len() >= 4 and range(0, 4):le_uint()
    if not length or length + 4 > range:len() then return nil end
    tree:add(fields.name, range(4, length), range(4, length):string(ENC_UTF_8))
    return range:len() > length + 4 and range(length + 4) or false, range(4, length):string(ENC_UTF_8)
end

function parts.code(range, tree)
    if range:len() < 1 then return nil end
    tree:add(fields.code, range(0, 1))
    return range:len() > 1 and range(1) or false
end

function parts.credit(range, tree)
    if range:len() < 8 or range(0, 8):le_uint64():tonumber() > MOST_CREDIT then return nil end
    tree:add_le(fields.credit, range(0, 8))
    return range:len() > 8 and range(8) or false
end

function parts.text(range, tree)
    tree:add(fields.text, range, range:string(ENC_UTF_8))
    return false
end

function parts.blob(range, tree)
    tree:add(fields.blob, range)
    return false
end

function parts.json(range, tree, pinfo)
    tree:add(fields.json, range, range:string(ENC_UTF_8))
    show_json(range, pinfo, tree)
    return false
end

-- The payload of one message; what its name is.
local function dissect_payload(range, kind, tree, pinfo)
    local name, found
    for _, part in ipairs(PAYLOADS[kind]) do
        if not range then
            if part == "name" or part == "credit" or part == "code" then
                tree:add_proto_expert_info(malformed, "The payload ends before its " .. part)
            end
            return name
        end
        range, found = parts[part](range, tree, pinfo)
        name = name or found
        if range == nil then
            tree:add_proto_expert_info(malformed, "The " .. part .. " does not fit into the payload")
            return name
        end
    end
    if range then
        tree:add_proto_expert_info(malformed, "The payload goes on behind its end")
    end
    return name
end

local function is_header(range)
    return range(0, 4):le_uint() <= MOST_PAYLOAD and KINDS[range(4, 1):uint()] and range(5, 1):uint() <= 3
end

-- Of a message in several frames only the first one's name is read: the rest is a part of what it carries.
local function dissect_frame(range, pinfo, root)
    local kind = range(4, 1):uint()
    local goes_on = range(5, 1):uint() % 2 == 1
    local tree = root:add(autobus, range, "Autobus frame, " .. KINDS[kind])
    tree:add(fields.form, "frame"):set_generated()
    tree:add_le(fields.length, range(0, 4))
    tree:add(fields.kind, range(4, 1))
    local flags = tree:add(fields.flags, range(5, 1))
    flags:add(fields.goes_on, range(5, 1))
    flags:add(fields.stream, range(5, 1))
    tree:add_le(fields.session, range(6, 2))
    tree:add_le(fields.number, range(8, 8))
    local payload = range:len() > HEADER and range(HEADER)
    local name
    if goes_on then
        tree:add(fields.blob, payload or range(HEADER - 1, 0)):append_text(" (a part)")
    else
        name = dissect_payload(payload, kind, tree, pinfo)
    end
    tree:append_text(name and " " .. name or "")
    add_info(pinfo, KINDS[kind] .. (name and " " .. name or "") .. (goes_on and " (goes on)" or ""))
end

local function wants_more(pinfo, offset, bytes)
    pinfo.desegment_offset = offset
    pinfo.desegment_len = bytes
end

-- Whether the message at `offset` is a frame.
local function is_frame_at(tvb, offset, pinfo, stream)
    local behind = frames_behind[stream]
    if behind and pinfo.number > behind then return true end
    if tvb:range(offset, 1):uint() == 0x7b then
        local start = tvb:range(offset, math.min(3, tvb:len() - offset)):raw()
        return start ~= ('{"_'):sub(1, #start) and behind ~= nil
    end
    return behind ~= nil or tvb:len() - offset >= HEADER and is_header(tvb:range(offset, HEADER)) and true or false
end

-- Each takes one message; where the next one begins, or nil if more of it has to come, or it is none.
local function take_frame(tvb, offset, pinfo, root)
    local left = tvb:len() - offset
    if left < HEADER then
        return nil, wants_more(pinfo, offset, DESEGMENT_ONE_MORE_SEGMENT)
    end
    if not is_header(tvb:range(offset, HEADER)) then
        root:add(autobus, tvb:range(offset), "Autobus frame"):add_proto_expert_info(malformed, "This is no frame")
        return nil
    end
    local length = HEADER + tvb:range(offset, 4):le_uint()
    if left < length then
        return nil, wants_more(pinfo, offset, length - left)
    end
    dissect_frame(tvb:range(offset, length), pinfo, root)
    return offset + length
end

local function take_line(tvb, offset, pinfo, root, stream)
    local text = tvb:range(offset):raw()
    local stop = text:find("\n", 1, true)
    if not stop then
        return nil, wants_more(pinfo, offset, DESEGMENT_ONE_MORE_SEGMENT)
    end
    local line = text:sub(1, stop):match("^%s*(.-)%s*$")
    if #line > 0 then
        local start = text:find("%S")
        local leads_to_frames = dissect_line(tvb:range(offset + start - 1, #line), pinfo, root)
        if leads_to_frames and not frames_behind[stream] then
            frames_behind[stream] = pinfo.number
        end
    end
    return offset + stop
end

local function dissect_connection(tvb, pinfo, root)
    local stream = tcp_stream().value
    local offset = 0
    while offset and offset < tvb:len() do
        local take = is_frame_at(tvb, offset, pinfo, stream) and take_frame or take_line
        offset = take(tvb, offset, pinfo, root, stream)
    end
    return tvb:len()
end

function autobus.dissector(tvb, pinfo, root)
    return (tcp_stream() and dissect_connection or dissect_datagram)(tvb, pinfo, root)
end

DissectorTable.get("udp.port"):add(PORT, autobus)

-- Answers go from any port to any.
autobus:register_heuristic("udp", function(tvb, pinfo, root)
    return tvb:len() > 12 and tvb:range(0, 11):raw() == '{"command":' and dissect_datagram(tvb, pinfo, root) > 0
end)

-- A connection begins with a line, or in the middle of a capture with whatever looks like a message.
autobus:register_heuristic("tcp", function(tvb, pinfo, root)
    local is_line = tvb:len() > 8 and tvb:range(0, 8):raw() == '{"_type"'
    if not is_line and not (tvb:len() >= HEADER and is_header(tvb:range(0, HEADER))) then return false end
    pinfo.conversation = autobus
    dissect_connection(tvb, pinfo, root)
    return true
end)
