fn main() -> microagent_build::Result {
    microagent_build::configure()
        .contract("catalog", "goods")
        .compile("schema")
}
