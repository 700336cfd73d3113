from deepetch.cli.main import main

main()
