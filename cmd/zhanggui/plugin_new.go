package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk/starter"
)

func pluginNewCommand() *cobra.Command {
	var dir, sdk string
	cmd := &cobra.Command{
		Use: "new NAME", Args: cobra.ExactArgs(1),
		Short: "Write the beginning of a provider plugin, with tests and a simulator, as a Go module of its own",
		RunE: func(cmd *cobra.Command, args []string) error {
			o := starter.Options{Name: args[0], Dir: dir, SDK: sdk}
			if o.SDK == "" {
				o.SDK = cloneOf(os.Executable())
			}
			if o.Dir == "" {
				o.Dir = o.Name
			}
			files, err := starter.New(o)
			if err != nil {
				return err
			}
			out := cmd.OutOrStdout()
			for _, name := range files {
				_, _ = fmt.Fprintln(out, filepath.Join(o.Dir, name))
			}
			if o.SDK == "" {
				_, _ = fmt.Fprintln(out, "The SDK was not found beside this program. Clone its repository and run, in the new directory:\n"+
					"  go mod edit -replace github.com/zhanggui-pay/zhanggui=PATH-OF-THE-CLONE && go mod tidy")
			}
			_, _ = fmt.Fprintln(out, "Next: go test ./... The guide is docs/plugin-guide.md in the SDK's repository.")
			return nil
		},
	}
	cmd.Flags().StringVar(&dir, "dir", "", "directory to write into; it must be empty or not be there (default: NAME)")
	cmd.Flags().StringVar(&sdk, "sdk", "", "a clone of the repository with the SDK (default: the one this program lies in)")
	return cmd
}

// cloneOf is the clone of the SDK's repository that a program lies in, or empty.
func cloneOf(program string, err error) string {
	if err != nil {
		return ""
	}
	if target, err := filepath.EvalSymlinks(program); err == nil {
		program = target
	}
	for dir := filepath.Dir(program); ; dir = filepath.Dir(dir) {
		if starter.CheckSDK(dir) == nil {
			return dir
		}
		if dir == filepath.Dir(dir) {
			return ""
		}
	}
}
